"""The Flask front end: JSON endpoint, search page, article page. ``create_app`` makes the app."""

from searchsvc.web.app import create_app

__all__ = ["create_app"]
