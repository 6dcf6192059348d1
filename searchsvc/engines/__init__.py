"""Engines: what stores articles and answers query trees. See ``contract``."""
