"""Flask's extensions, made once and bound in `app.create_app`."""

from __future__ import annotations

from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_security import Security
from flask_wtf import CSRFProtect
from werkzeug.exceptions import HTTPException

from mockint.web.language import Language


class SteadyLimiter(Limiter):
    """Counts on in memory also for the requests that find Redis away at the same moment.

    Flask-Limiter falls back for the first of them only and lets the others fail. All limits stand
    on views, which ask by themselves, so nothing is asked before every request.
    """

    def _check_request_limit(
        self, callable_name: str | None = None, in_middleware: bool = True
    ) -> None:
        if in_middleware:
            return
        try:
            super()._check_request_limit(callable_name, in_middleware=False)
        except HTTPException:
            raise
        except Exception:
            if not self._storage_dead:
                raise
            self.context.seen_limits.clear()
            super()._check_request_limit(callable_name, in_middleware)


babel = Language()
csrf = CSRFProtect()
limiter = SteadyLimiter(key_func=get_remote_address, headers_enabled=False)
security = Security()
