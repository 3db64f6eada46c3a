"""The admin as an installed app, with our own gate. Apart from all apps.py, or Django would find two admins."""

from django.contrib.admin.apps import AdminConfig as DjangoAdminConfig


class AdminConfig(DjangoAdminConfig):
    default_site = "accounts.admin_site.AdminSite"
