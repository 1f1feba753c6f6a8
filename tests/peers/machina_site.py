"""A small forum on django-machina, unmodified. Runs in the Python that has it.

`python machina_site.py FOLDER make` makes its database with one forum, which everybody may read;
`... serve PORT` serves it on loopback;
`... topic TITLE TEXT` opens a topic and prints its path as JSON; `... edit TITLE TEXT` gives it other words.
"""

import json
import sys
from pathlib import Path

import django  # type: ignore[import-not-found]
from django.conf import settings  # type: ignore[import-not-found]
from django.urls import include, path  # type: ignore[import-not-found]

folder, what, *given = sys.argv[1:]
home = Path(folder)


def configure() -> None:
    """Settings as django-machina's guide names them, with answers to If-None-Match."""
    from machina import MACHINA_MAIN_STATIC_DIR, MACHINA_MAIN_TEMPLATE_DIR  # type: ignore[import-not-found]

    parts = (
        "forum", "forum_conversation", "forum_conversation.forum_attachments", "forum_conversation.forum_polls",
        "forum_feeds", "forum_moderation", "forum_search", "forum_tracking", "forum_member", "forum_permission",
    )  # fmt: skip
    settings.configure(
        SECRET_KEY="a forum on this machine only",
        ALLOWED_HOSTS=["127.0.0.1"],
        ROOT_URLCONF=__name__,
        USE_TZ=True,
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        STATIC_URL="/static/",
        STATICFILES_DIRS=[MACHINA_MAIN_STATIC_DIR],
        MEDIA_ROOT=str(home / "media"),
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(home / "forum.db")}},
        CACHES={
            "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
            "machina_attachments": {
                "BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": str(home / "cache"),
            },
        },
        HAYSTACK_CONNECTIONS={"default": {"ENGINE": "haystack.backends.simple_backend.SimpleEngine"}},
        INSTALLED_APPS=[
            *(f"django.contrib.{name}" for name in ("auth", "contenttypes", "sessions", "messages", "staticfiles")),
            "mptt", "haystack", "widget_tweaks", "machina", *(f"machina.apps.{name}" for name in parts),
        ],
        MIDDLEWARE=[
            "django.middleware.http.ConditionalGetMiddleware",
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "django.contrib.messages.middleware.MessageMiddleware",
            "machina.apps.forum_permission.middleware.ForumPermissionMiddleware",
        ],
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "DIRS": [MACHINA_MAIN_TEMPLATE_DIR],
                "APP_DIRS": True,
                "OPTIONS": {
                    "context_processors": [
                        "django.contrib.auth.context_processors.auth",
                        "django.template.context_processors.request",
                        "django.contrib.messages.context_processors.messages",
                        "machina.core.context_processors.metadata",
                    ],
                },
            }
        ],
    )  # fmt: skip
    django.setup()


def make() -> None:
    """The database, a writer, one forum that everybody may read."""
    from django.contrib.auth import get_user_model  # type: ignore[import-not-found]
    from django.core.management import call_command  # type: ignore[import-not-found]
    from machina.apps.forum.models import Forum  # type: ignore[import-not-found]
    from machina.apps.forum_permission.models import (  # type: ignore[import-not-found]
        ForumPermission,
        UserForumPermission,
    )

    call_command("migrate", verbosity=0)
    get_user_model().objects.create_user("mara_testfield")
    forum = Forum.objects.create(name="Trains", type=Forum.FORUM_POST)
    for name in ("can_see_forum", "can_read_forum"):
        permission = ForumPermission.objects.get(codename=name)
        UserForumPermission.objects.create(permission=permission, anonymous_user=True, forum=forum, has_perm=True)


def topic(title: str, text: str) -> dict[str, str]:
    """A topic with its first post."""
    from django.contrib.auth import get_user_model
    from machina.apps.forum.models import Forum
    from machina.apps.forum_conversation.models import Post, Topic  # type: ignore[import-not-found]

    forum, writer = Forum.objects.get(), get_user_model().objects.get()
    opened = Topic.objects.create(
        forum=forum, poster=writer, subject=title, type=Topic.TOPIC_POST, status=Topic.TOPIC_UNLOCKED
    )
    Post.objects.create(topic=opened, poster=writer, subject=title, content=text)
    return {"path": f"/forum/forum/{forum.slug}-{forum.pk}/topic/{opened.slug}-{opened.pk}/"}


def edit(title: str, text: str) -> dict[str, str]:
    """The writer of a topic gives its first post other words."""
    from machina.apps.forum_conversation.models import Topic

    post = Topic.objects.get(subject=title).first_post
    post.content = text
    post.save()
    return {}


urlpatterns = []

if __name__ == "__main__":
    sys.modules["machina_site"] = sys.modules[__name__]
    configure()
    if what == "make":
        make()
    elif what in ("topic", "edit"):
        print(json.dumps({"topic": topic, "edit": edit}[what](*given)))
    else:
        from django.core.management import call_command

        urlpatterns.append(path("forum/", include("machina.urls")))
        call_command("runserver", f"127.0.0.1:{given[0]}", use_reloader=False, insecure_serving=True)
