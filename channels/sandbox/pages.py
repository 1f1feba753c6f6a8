"""What a visitor of the sandbox network sees. Every word of a post is a text node (autoescape, no script at all)."""

from __future__ import annotations

from jinja2 import DictLoader, Environment, StrictUndefined

_STYLE = """
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 40rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.3rem; } h1 a { color: inherit; text-decoration: none; }
article { border: 1px solid #8888; border-radius: .5rem; padding: .75rem 1rem; margin: 0 0 .75rem; }
article.ours { border-left: .4rem solid #1a7f5a; }
article p { margin: .25rem 0; white-space: pre-wrap; overflow-wrap: anywhere; }
.by { font-weight: 600; overflow-wrap: anywhere; } .when { font-size: .85rem; opacity: .8; }
.replies { margin-left: 1rem; }
form { display: grid; gap: .5rem; margin: 1rem 0; } label { display: grid; gap: .25rem; }
input, textarea, button { font: inherit; padding: .5rem; box-sizing: border-box; width: 100%; }
button { cursor: pointer; min-height: 2.75rem; }
"""

_LAYOUT = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{% block title %}Sandbox network{% endblock %}</title><link rel="stylesheet" href="/style.css"></head>
<body><header><h1><a href="/">Sandbox network</a></h1></header><main>{% block main %}{% endblock %}</main></body></html>
"""

_POST = """{% macro show(post, ours) %}
<article{% if post.author in ours %} class="ours"{% endif %} id="p{{ post.id }}">
<div class="by">@{{ post.author }}{% if post.author in ours %} (the brand){% endif %}</div>
{% if post.parent_id and ':' in post.parent_id %}<div class="when">in answer to {{ post.parent_id }}</div>{% endif %}
{% if post.withdrawn %}<p><em>removed by its author</em></p>{% else %}<p>{{ post.text }}</p>{% endif %}
<div class="when"><a href="/p/{{ post.id }}">
<time datetime="{{ post.created_at }}">{{ post.created_at[:16]|replace('T', ' ') }} UTC</time></a>
{% if post.edited_at %}(edited){% endif %}</div>
</article>{% endmacro %}
"""

_FRONT = """{% extends "layout" %}{% from "post" import show %}
{% block main %}
<p>A network for trying things out. It lives on this machine only; nothing here is public.</p>
<form method="post" action="/write"><label>Your name <input name="author" maxlength="60" required
value="mara_testfield"></label><label>Write a post <textarea name="text" rows="3" maxlength="5000" required></textarea>
</label><button>Post</button></form>
{% for post, replies in threads %}{{ show(post, ours) }}
<div class="replies">{% for reply in replies %}{{ show(reply, ours) }}{% endfor %}</div>
{% else %}<p>No posts yet.</p>{% endfor %}{% endblock %}
"""

_ONE = """{% extends "layout" %}{% from "post" import show %}
{% block title %}@{{ post.author }} on the sandbox network{% endblock %}
{% block main %}{% if parent %}{{ show(parent, ours) }}{% endif %}{{ show(post, ours) }}
<div class="replies">{% for reply in replies %}{{ show(reply, ours) }}{% else %}<p>No answers yet.</p>{% endfor %}</div>
<form method="post" action="/write"><input type="hidden" name="parent_id" value="{{ post.id }}">
<label>Your name <input name="author" maxlength="60" required value="{{ post.author }}"></label>
<label>Answer <textarea name="text" rows="3" maxlength="5000" required></textarea></label><button>Answer</button></form>
{% endblock %}
"""

_pages = Environment(
    loader=DictLoader({"layout": _LAYOUT, "post": _POST, "front": _FRONT, "one": _ONE}),
    autoescape=True,
    undefined=StrictUndefined,
)


def render(name: str, **values: object) -> str:
    """The page `front` or `one` as HTML."""
    return _pages.get_template(name).render(**values)


def style() -> str:
    """The one style sheet."""
    return _STYLE
