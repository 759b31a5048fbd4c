"""The program's own settings, on a home that lasts as long as the test run."""

import atexit
import os
import shutil
import tempfile

from regulars.home import Home

folder = tempfile.mkdtemp(prefix="regulars-test-")
atexit.register(shutil.rmtree, folder, ignore_errors=True)
os.environ["REGULARS_HOME"] = folder
# The browser driver leaves an event loop in its thread; the tests after it in that process are not asynchronous.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
Home(folder).create(company="测试公司", zone="Asia/Shanghai", currency="CNY")

from regulars.web.settings import *  # noqa: E402, F403
