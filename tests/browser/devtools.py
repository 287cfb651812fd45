"""A real browser without a window, driven by its DevTools protocol, which tells everything that a page did."""

import asyncio
import base64
import itertools
import json
import os
import shutil
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
PATIENCE_SECONDS = 60
# Without the ones about networking it would look its maker's hosts up at every start.
FLAGS = (
    "--headless",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--hide-scrollbars",
    "--remote-debugging-port=0",
)
VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (violation) =>
    console.error(`${violation.violatedDirective} forbids ${violation.blockedURI}`));
"""


class BrowserError(Exception):
    """What was asked of the browser could not be done."""


@dataclass(slots=True)
class Page:
    """One tab, with everything that it, its frames and its workers complained of or asked for."""

    browser: "Browser"
    session: str
    complaints: list[str] = field(default_factory=list)
    requested: list[str] = field(default_factory=list)

    async def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        return await self.browser.call(method, session=self.session, **parameters)

    async def evaluate(self, expression: str) -> Any:
        """The value of a JavaScript expression, awaited if it is a promise."""
        answer = await self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise BrowserError(answer["exceptionDetails"].get("exception", {}).get("description", expression))
        return answer["result"].get("value")

    async def until(self, expression: str) -> None:
        """Waits for the expression to be true in JavaScript's sense."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                # The page is another process, which sets no event of ours.
                while not await self.evaluate(f"Boolean({expression})"):  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
        except TimeoutError:
            seen = await self.evaluate("document.body.innerText")
            raise BrowserError(f"Waited in vain for {expression}; the page says:\n{seen}\n{self.complaints}") from None

    async def until_complaint(self, words: str) -> None:
        """Complaints come by a way of their own, some time after what caused them."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                # They are heard of in another task.
                while not any(words in complaint for complaint in self.complaints):  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise BrowserError(f"Nothing complained that {words}, but: {self.complaints}") from None

    async def click(self, element: str) -> None:
        """With a real mouse, on the middle of the element that this expression gives."""
        await self.until(element)
        place = await self.evaluate(
            f"(({{x, y, width, height}}) => ({{x: x + width / 2, y: y + height / 2}}))(({element}).getBoundingClientRect())"
        )
        for kind in ("mouseMoved", "mousePressed", "mouseReleased"):
            button = "none" if kind == "mouseMoved" else "left"
            await self.call("Input.dispatchMouseEvent", type=kind, button=button, clickCount=1, **place)

    async def screenshot(self) -> bytes:
        """A PNG."""
        await self.call("Page.bringToFront")
        return base64.b64decode((await self.call("Page.captureScreenshot", format="png"))["data"])

    def hear(self, method: str, event: Mapping[str, Any]) -> None:
        match method:
            case "Runtime.consoleAPICalled" if event["type"] in {"error", "warning", "assert"}:
                words = (str(part.get("value", part.get("description"))) for part in event["args"])
                self.complaints.append(" ".join(words))
            case "Runtime.exceptionThrown":
                details = event["exceptionDetails"]
                self.complaints.append(details.get("exception", {}).get("description", details["text"]))
            case "Log.entryAdded" if event["entry"]["level"] in {"error", "warning"}:
                self.complaints.append(f"{event['entry']['text']} {event['entry'].get('url', '')}")
            case "Network.requestWillBeSent":
                self.requested.append(event["request"]["url"])
            case "Network.webSocketCreated":
                self.requested.append(event["url"])


class Browser:
    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self._asked: dict[int, asyncio.Future[dict[str, Any]]] = {}
        # Of a tab's workers too.
        self._pages: dict[str, Page] = {}
        self._attaching: set[asyncio.Task[None]] = set()

    async def call(self, method: str, *, session: str | None = None, **parameters: Any) -> dict[str, Any]:
        number = next(self._numbers)
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._asked[number] = answer
        message = {"id": number, "method": method, "params": parameters}
        await self._socket.send(json.dumps(message if session is None else {**message, "sessionId": session}))
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await answer

    async def open(self, url: str, *, width: int = 1440, height: int = 1100) -> Page:
        target = (await self.call("Target.createTarget", url="about:blank"))["targetId"]
        session = (await self.call("Target.attachToTarget", targetId=target, flatten=True))["sessionId"]
        page = Page(self, session)
        self._pages[session] = page
        await self._listen(session)
        await page.call("Page.enable")
        await page.call("Page.addScriptToEvaluateOnNewDocument", source=VIOLATIONS)
        await page.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False
        )
        # Two pages are looked at in turn; neither may fall asleep for being behind the other.
        await page.call("Emulation.setFocusEmulationEnabled", enabled=True)
        await page.call("Page.navigate", url=url)
        return page

    async def read(self) -> None:
        """Runs beside everything else."""
        async for text in self._socket:
            message = json.loads(text)
            if "id" in message:
                self._answer(self._asked.pop(message["id"]), message)
            elif message["method"] == "Target.attachedToTarget" and "sessionId" in message:
                worker = message["params"]["sessionId"]
                self._pages[worker] = self._pages[message["sessionId"]]
                attaching = asyncio.create_task(self._join(worker))
                self._attaching.add(attaching)
                attaching.add_done_callback(self._attaching.discard)
            elif (page := self._pages.get(message.get("sessionId", ""))) is not None:
                page.hear(message["method"], message["params"])

    def _answer(self, asked: asyncio.Future[dict[str, Any]], message: Mapping[str, Any]) -> None:
        if asked.done():
            return
        if "error" in message:
            asked.set_exception(BrowserError(message["error"]["message"]))
        else:
            asked.set_result(message["result"])

    async def _join(self, session: str) -> None:
        await self._listen(session)
        await self.call("Runtime.runIfWaitingForDebugger", session=session)

    async def _listen(self, session: str) -> None:
        for domain in ("Runtime", "Log", "Network"):
            # A worker has not all of them.
            await asyncio.gather(self.call(f"{domain}.enable", session=session), return_exceptions=True)
        await self.call(
            "Target.setAutoAttach", session=session, autoAttach=True, waitForDebuggerOnStart=True, flatten=True
        )


@asynccontextmanager
async def browsing(folder: Path) -> AsyncIterator[Browser]:
    """A browser whose profile is made in `folder`."""
    assert PROGRAM is not None
    # Its sandbox refuses to work for root.
    sandbox = ("--no-sandbox",) if os.geteuid() == 0 else ()
    with (folder / "browser.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            PROGRAM, *FLAGS, *sandbox, f"--user-data-dir={folder / 'profile'}", stdout=log, stderr=log
        )
    try:
        port = folder / "profile" / "DevToolsActivePort"
        address = await asyncio.to_thread(_address, port, lambda: process.returncode is not None)
        async with connect(address, max_size=None, proxy=None) as socket:
            browser = Browser(socket)
            reading = asyncio.create_task(browser.read())
            try:
                yield browser
            finally:
                reading.cancel()
                await asyncio.gather(reading, return_exceptions=True)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


def _address(file: Path, has_ended: Callable[[], bool]) -> str:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not has_ended() and time.monotonic() < deadline:
        lines = file.read_text().split() if file.exists() else []
        if len(lines) == 2:
            return f"ws://127.0.0.1:{lines[0]}{lines[1]}"
        time.sleep(0.05)
    raise BrowserError(f"The browser did not start; see {file.parents[1] / 'browser.log'}.")
