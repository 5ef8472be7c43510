"""A cache that may be down: what is kept there is only ever a help, and nobody must be locked out with it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)


class ForgivingCache(RedisCache):
    """Redis or Valkey; while it does not answer, everything is a miss and every write is taken as done.

    So a lock is had, a count begins anew and a limit lets through. Each failure is a warning in the log.
    """

    def add(self, *args: Any, **kwargs: Any) -> bool:
        return self._tried(super().add, True, *args, **kwargs)

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        return self._tried(super().get, default, key, default, version)

    def set(self, *args: Any, **kwargs: Any) -> None:
        self._tried(super().set, None, *args, **kwargs)

    def touch(self, *args: Any, **kwargs: Any) -> bool:
        return self._tried(super().touch, False, *args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> bool:
        return self._tried(super().delete, False, *args, **kwargs)

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        return self._tried(super().incr, delta, key, delta, version)

    def has_key(self, *args: Any, **kwargs: Any) -> bool:
        return self._tried(super().has_key, False, *args, **kwargs)

    def get_many(self, keys: Iterable[Any], version: int | None = None) -> dict[Any, Any]:
        return self._tried(super().get_many, {}, keys, version)

    def set_many(self, data: Mapping[Any, Any], *args: Any, **kwargs: Any) -> list[Any]:
        return self._tried(super().set_many, [], data, *args, **kwargs)

    def delete_many(self, *args: Any, **kwargs: Any) -> None:
        self._tried(super().delete_many, None, *args, **kwargs)

    @staticmethod
    def _tried(act: Callable[..., Any], otherwise: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return act(*args, **kwargs)
        except (RedisError, OSError):
            logger.warning("the cache does not answer", exc_info=True)
            return otherwise
