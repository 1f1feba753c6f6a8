"""The GraphQL documents. Discussions are there by GraphQL only; a search by it brings the comments along."""

from __future__ import annotations

COMMENTS = 30
REPLIES = 10
SEARCH_PAGE = 25

_WHO = "author { login __typename ... on User { databaseId } ... on Bot { databaseId } }"
_POST = f"id body url createdAt updatedAt lastEditedAt {_WHO}"
_DISCUSSED = f"databaseId deletedAt {_POST}"
_TICKET = f"""
    __typename {_POST} number title locked repository {{ nameWithOwner }}
    comments(last: {COMMENTS}) {{ totalCount nodes {{ fullDatabaseId {_POST} }} }}
"""

SEARCH = f"""
query Search($query: String!, $type: SearchType!, $after: String) {{
  search(query: $query, type: $type, first: {SEARCH_PAGE}, after: $after) {{
    pageInfo {{ hasNextPage endCursor }}
    nodes {{
      ... on Issue {{ {_TICKET} }}
      ... on PullRequest {{ {_TICKET} }}
      ... on Discussion {{
        __typename {_POST} number title locked repository {{ nameWithOwner }}
        comments(last: {COMMENTS}) {{
          totalCount
          nodes {{ {_DISCUSSED} replies(last: {REPLIES}) {{ totalCount nodes {{ {_DISCUSSED} }} }} }}
        }}
      }}
    }}
  }}
}}
"""

NODES = "query Nodes($ids: [ID!]!) { nodes(ids: $ids) { id ... on DiscussionComment { deletedAt } } }"

_ROOT = f"{_POST} title"

LOOK = f"""
query Look($ids: [ID!]!) {{
  nodes(ids: $ids) {{
    __typename
    ... on Issue {{ {_ROOT} }}
    ... on PullRequest {{ {_ROOT} }}
    ... on Discussion {{ {_ROOT} }}
    ... on IssueComment {{ fullDatabaseId {_POST} }}
    ... on DiscussionComment {{ {_DISCUSSED} }}
  }}
}}
"""

_OURS = f"nodes {{ id databaseId body url createdAt {_WHO} }} pageInfo {{ hasPreviousPage startCursor }}"

READ_BACK = f"""
query ReadBack($id: ID!, $before: String) {{
  node(id: $id) {{
    ... on Discussion {{ posts: comments(last: 100, before: $before) {{ {_OURS} }} }}
    ... on DiscussionComment {{ posts: replies(last: 100, before: $before) {{ {_OURS} }} }}
  }}
}}
"""

REPLY = """
mutation Reply($discussionId: ID!, $replyToId: ID, $body: String!) {
  addDiscussionComment(input: {discussionId: $discussionId, replyToId: $replyToId, body: $body}) {
    comment { id databaseId url }
  }
}
"""
