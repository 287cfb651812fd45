# Oneshelf in a container. Nothing secret goes in; configuration comes from ONESHELF_… variables, DATABASE_URL and REDIS_URL.
# With DATABASE_URL it keeps almost nothing in /data; without, the embedded PostgreSQL lives there.

FROM python:3.13-slim AS packages

COPY requirements.lock ./
RUN python -m venv /venv \
 && /venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.lock

FROM python:3.13-slim

RUN groupadd --system --gid 10001 oneshelf \
 && useradd --system --uid 10001 --gid oneshelf --no-create-home --shell /usr/sbin/nologin oneshelf \
 && install --directory --owner oneshelf --group oneshelf --mode 0700 /data \
 && printf '#!/bin/sh\nexec python -m api.cli "$@"\n' > /usr/local/bin/oneshelf \
 && chmod 755 /usr/local/bin/oneshelf

ENV PATH=/venv/bin:$PATH \
    PYTHONPATH=/app \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    ONESHELF_DATA=/data \
    ONESHELF_HOST=0.0.0.0 \
    ONESHELF_LOG_FORMAT=json

WORKDIR /app
COPY --from=packages /venv /venv
COPY pyproject.toml alembic.ini ./
COPY alembic alembic
COPY domain domain
COPY persistence persistence
COPY api api
# The user who runs it cannot write here, so the bytecode is made now.
RUN python -m compileall -q api domain persistence

USER oneshelf
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
  CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f\"http://127.0.0.1:{os.environ.get('ONESHELF_PORT', 8000)}/health/ready\", timeout=2)"]

ENTRYPOINT ["oneshelf"]
CMD ["serve"]
