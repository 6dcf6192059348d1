"""The description of the JSON endpoints as OpenAPI 3.1, made from the routes and what they parse."""

from searchsvc.web.openapi.document import described_endpoints, make_document, taken

__all__ = ["described_endpoints", "make_document", "taken"]
