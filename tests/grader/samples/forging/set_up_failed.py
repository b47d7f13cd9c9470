# expect: crashed
# The exit code by which others say that their box failed.
import os

os._exit(125)
