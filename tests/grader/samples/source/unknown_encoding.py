# expect: compile_error
# -*- coding: no-such-code -*-
