# expect: compile_error
# -*- coding: no-such-code -*-
# An encoding that there is none of.
