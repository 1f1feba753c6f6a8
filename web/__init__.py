"""The desk: pages and actions in the browser. Server-rendered, plain forms, own small modules, no build step."""
