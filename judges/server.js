// A second server of the same database, which a judge may stop.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const repository = fileURLToPath(new URL('..', import.meta.url));

/** Resolves once it answers. */
export async function start(port = 0) {
  const child = spawn(
    process.env.ONESHELF_PYTHON,
    ['-m', 'api.cli', 'serve', '--port', String(port), '--database-url', process.env.ONESHELF_DATABASE],
    { cwd: repository, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const gone = once(child, 'exit');
  const address = await addressFrom(child);
  const stop = async () => {
    child.kill('SIGTERM');
    await gone;
  };
  return { address, port: new URL(address).port, stop };
}

async function addressFrom(child) {
  let said = '';
  for await (const chunk of child.stderr.iterator({ destroyOnReturn: false })) {
    said += chunk;
    const found = /GraphQL +(http:\/\/\S+)\/graphql/.exec(said);
    if (found) {
      child.stderr.resume();
      return found[1];
    }
  }
  throw new Error(`The server ended:\n${said}`);
}
