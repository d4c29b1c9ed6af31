"""The officer's page: static, offline from its first day, mounted at ``/officer/``."""

from services.analytics.pages.officer.site import Choice, mount

__all__ = ["Choice", "mount"]
