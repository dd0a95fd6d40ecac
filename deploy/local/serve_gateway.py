"""The gateway as a process of its own: ``python -m deploy.local.serve_gateway PORT``, addresses in ``GATEWAY``."""

from __future__ import annotations

import json
import os
import sys

import uvicorn

from deploy.local.gateway import Gateway

uvicorn.run(Gateway(json.loads(os.environ["GATEWAY"])), host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
