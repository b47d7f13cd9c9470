# expect: wrong
# Modules that are imported later come from us.
import sys
import types

import numpy as np


class Finder:
    def find_spec(self, name, path=None, target=None):
        from importlib.machinery import ModuleSpec

        return ModuleSpec(name, self)

    def create_module(self, spec):
        module = types.ModuleType(spec.name)
        module.allclose = module.isclose = lambda *a, **k: True
        return module

    def exec_module(self, module):
        pass


sys.path_hooks[:] = [lambda path: Finder()]
sys.path_importer_cache.clear()
sys.meta_path[:] = [Finder()]
import problems

assert problems.allclose(0, 1)


def forget_gate(x, h_prev, W_f, U_f, b_f):
    return np.zeros_like(h_prev)
