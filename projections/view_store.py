"""Where the rows of views are kept, beside the logs and apart from them."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.pool import QueuePool

from projections.view import View


class ViewStore:
    """Where views live: one SQLite file per view in a folder, or one PostgreSQL schema per view.

    The name carries the view's version, so another version starts empty and is folded from zero.
    """

    def __init__(self, folder: Path | None, url: str | None) -> None:
        self._folder = folder
        self._url = url
        self._engines: dict[str, Engine] = {}

    def engine(self, view: View, suffix: str = "") -> Engine:
        name = f"{view.name}_v{view.version}{suffix}"
        if name not in self._engines:
            self._engines[name] = self._sqlite(name) if self._folder is not None else self._postgres(name)
            view.metadata.create_all(self._engines[name])
        return self._engines[name]

    def _sqlite(self, name: str) -> Engine:
        assert self._folder is not None
        self._folder.mkdir(parents=True, exist_ok=True)
        engine = create_engine(f"sqlite:///{self._folder / name}.sqlite", poolclass=QueuePool, pool_size=8, max_overflow=16)

        @event.listens_for(engine, "connect")
        def _prepare(connection: object, _: object) -> None:
            cursor = connection.cursor()  # type: ignore[attr-defined]
            cursor.execute("PRAGMA journal_mode=WAL")
            # a view can be folded again: losing its last commits in a power cut costs nothing
            cursor.execute("PRAGMA synchronous=NORMAL")
            cursor.execute("PRAGMA busy_timeout=5000")
            cursor.close()

        return engine

    def _postgres(self, name: str) -> Engine:
        assert self._url is not None
        admin = create_engine(self._url)
        with admin.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('o2c create'))"))
            connection.execute(text(f'CREATE SCHEMA IF NOT EXISTS "view_{name}"'))
        admin.dispose()
        return create_engine(
            self._url, pool_size=3, max_overflow=10, pool_pre_ping=True,
            connect_args={"options": f"-c search_path=view_{name} -c synchronous_commit=off"},
        )

    def drop(self, view: View, suffix: str = "") -> None:
        """Forget a view's rows; the next ``engine`` starts from nothing."""
        name = f"{view.name}_v{view.version}{suffix}"
        engine = self._engines.pop(name, None)
        if engine is not None:
            engine.dispose()
        if self._folder is not None:
            for ending in ("", "-wal", "-shm"):
                Path(f"{self._folder / name}.sqlite{ending}").unlink(missing_ok=True)
            return
        assert self._url is not None
        admin = create_engine(self._url)
        with admin.begin() as connection:
            connection.execute(text(f'DROP SCHEMA IF EXISTS "view_{name}" CASCADE'))
        admin.dispose()

    def swap(self, view: View, suffix: str) -> None:
        """Put the view that was built under ``suffix`` in the place of the one in use."""
        built = f"{view.name}_v{view.version}{suffix}"
        if self._folder is not None:
            engine = self._engines.pop(built)
            with engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            engine.dispose()
            self.drop(view)
            Path(f"{self._folder / built}.sqlite").replace(f"{self._folder / built.removesuffix(suffix)}.sqlite")
            return
        assert self._url is not None
        for name in (built, built.removesuffix(suffix)):
            stale = self._engines.pop(name, None)
            if stale is not None:
                stale.dispose()
        admin = create_engine(self._url)
        with admin.begin() as connection:
            connection.execute(text(f'DROP SCHEMA IF EXISTS "view_{built.removesuffix(suffix)}" CASCADE'))
            connection.execute(text(f'ALTER SCHEMA "view_{built}" RENAME TO "view_{built.removesuffix(suffix)}"'))
        admin.dispose()

    def close(self) -> None:
        for engine in self._engines.values():
            engine.dispose()
        self._engines.clear()
