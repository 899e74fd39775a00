"""Any DJL block as a `torch.nn.Module` whose parameters are the block's own tensors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NoReturn

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from pydjl.errors import ArgumentError, ArgumentTypeError, NotSupportedError
from pydjl.ndarray import as_tensor, call_java, call_java_with_list, like
from pydjl.ndarray.compilation import outside_of_compile
from pydjl.ndarray.dtypes import DATA_TYPES, data_type
from pydjl.ndarray.exchange import adopt, adopt_all
from pydjl.nn.block_copies import (
    Recipe,
    copy_state,
    make_block,
    require_recipe,
    state_of,
    take_state,
)
from pydjl.nn.block_parameters import JavaObjects, is_taken, register_parameters
from pydjl.nn.bound_tensors import Bindings, count_when_dropped, lock, values_of
from pydjl.nn.module_block import python_module
from pydjl.nn.parameter_names import child_names
from pydjl.nn.sequences import runs_children_in_order
from pydjl.runtime import ensure_started, java_class


def from_block(block: Any) -> nn.Module:
    """Make a torch module of a DJL block.

    The module's parameters and the block's are the same tensors: an optimizer's step on either
    side is seen on the other, and gradients flow through Java. Its forward pass runs wholly in
    Java. The submodules show the block's children and can be called by themselves; hooks and modes
    of their own count in a ``SequentialBlock`` and are refused elsewhere. A block that was not
    initialized in Java is initialized at the first input, as torch's lazy modules are.

    Args:
        block: a DJL ``Block``, complete with its children; or, so that the module can be copied
            and pickled, what makes one: the name of a Java class with a constructor without
            arguments, or a function without arguments (for pickling, one that can be imported).

    Returns:
        A `BlockModule`; of a block that `to_block` made, the module that it was made of.

    Raises:
        ArgumentTypeError: it is none of these, or makes no block.
        PydjlError: of the kind that fits what Java threw in the function.

    Example:
        >>> import torch
        >>> from pydjl.runtime import java_class
        >>> def make():
        ...     return java_class("ai.djl.nn.core.Linear").builder().setUnits(2).build()
        >>> module = from_block(make)
        >>> module(torch.ones(5, 3)).shape
        torch.Size([5, 2])
        >>> [(name, tuple(p.shape)) for name, p in module.named_parameters()]
        [('weight', (2, 3)), ('bias', (2,))]
    """
    if isinstance(block, nn.Module) or (isinstance(block, type) and issubclass(block, nn.Module)):
        raise ArgumentTypeError(
            f"from_block takes a DJL Block, and {block!r} is of torch: use it as it is, or make a "
            "DJL block of a module by to_block."
        )
    kind = java_class("ai.djl.nn.Block")
    made, recipe = block, None
    if not isinstance(block, kind) and (isinstance(block, str) or callable(block)):
        made, recipe = make_block(block), block
    if not isinstance(made, kind):
        raise ArgumentTypeError(
            "from_block takes a DJL Block, the name of a Java class that is one, or a function "
            f"that makes one; {block!r} gave a {type(made).__name__}."
        )
    return _module_of(made, recipe)


class BlockModule(nn.Module):
    """A DJL block as a torch module; made by `from_block`."""

    # What belongs to one Java block and is not copied with the rest of the module.
    _of_java = frozenset(
        {"_block", "_recipe", "_kind", "_own", "_children", "_below", "_bindings", "_is_ready"}
    )

    def __init__(
        self, block: Any, recipe: Recipe | None = None, seen: JavaObjects | None = None
    ) -> None:
        if not isinstance(block, java_class("ai.djl.nn.Block")):
            raise ArgumentTypeError(
                f"BlockModule takes a DJL Block, not a {type(block).__name__}: use from_block."
            )
        super().__init__()
        self._block = block
        self._recipe = recipe
        self._kind = str(block.getClass().getName())
        # Before the first pass a block learns the shapes of its inputs, even if all is loaded.
        self._is_ready = bool(block.isInitialized())
        # Java objects that stand in several places are one module or tensor here as well.
        seen = JavaObjects() if seen is None else seen
        seen.put(block, self)
        self._own = register_parameters(self, block, seen)
        self._children = self._register_children(list(block.getChildren()), seen)
        self._below = _below(self)
        self._bindings = Bindings([own for each in self._blocks() for own in each._own])
        self._bindings.synchronize()
        if self._is_ready:
            count_when_dropped(self)

    @property
    def block(self) -> Any:
        """The DJL block, for calling its Java methods by name."""
        self._bindings.synchronize()
        return self._block

    @property
    def kind(self) -> str:
        """What the block is, in DJL's word: ``Conv2d``, ``ReLU``."""
        named = java_class("ai.djl.nn.LambdaBlock")
        if isinstance(self._block, named):
            return str(self._block.getName())
        return self._kind.rpartition(".")[2]

    @property
    def runs_as_a_whole(self) -> bool:
        """Whether Java runs it with its children, which can then have no hooks of their own."""
        return bool(self._children) and not self._runs_one_by_one()

    @property
    def is_initialized(self) -> bool:
        """Whether every parameter has values; before the first input they may not."""
        return not self._bindings.missing()

    @outside_of_compile
    def forward(self, *inputs: Any) -> Any:
        """Run the block in Java.

        Args:
            inputs: the block's inputs: `NDArray`, tensor or NumPy array.

        Returns:
            Its output, of the kind that the first input is; a tuple if there are several.
        """
        if not inputs:
            raise ArgumentError("a block needs at least one input; none was given.")
        tensors: Sequence[Tensor] = [as_tensor(x, f"input {i}") for i, x in enumerate(inputs)]
        apart = self.standing_apart()
        if apart is None:
            tensors = self._run(tensors)
        elif self._runs_one_by_one():
            for child in self._children.values():
                output = child(*tensors)
                tensors = output if isinstance(output, tuple) else (output,)
        else:
            raise NotSupportedError(
                f"{self._kind} runs as a whole in Java, so its child {apart!r} cannot have hooks "
                "or a mode of its own: register hooks on the whole, and train() or eval() it."
            )
        results = [like(inputs[0], tensor) for tensor in tensors]
        return results[0] if len(results) == 1 else tuple(results)

    def initialize(self, *inputs: Tensor) -> None:
        """Give every parameter that has none its shape and first values, by DJL's initializers.

        As with torch's lazy modules, they have the dtype and the device that the module was moved
        to before.

        Args:
            inputs: tensors of the shapes of the block's inputs.
        """
        ensure_started()  # before the lock, which a fork may have left locked
        shapes = [list(tensor.shape) for tensor in inputs]
        with lock, torch.inference_mode(mode=False), torch.no_grad():
            self._bindings.take_from_java()
            missing = self._bindings.missing()
            if missing:  # DJL gives shapes to all parameters of a block or to none
                self._bindings.clear()
            else:
                self._bindings.synchronize()
            wanted = next((each.current().dtype for each in missing), torch.float32)
            dtype = data_type(wanted if wanted in DATA_TYPES else torch.float32)
            call_java(
                self._kind.rpartition(".")[2], "Blocks.initialize", [], self._block, dtype, shapes
            )
            for bound in missing:
                bound.initialize(values_of(bound.java.getParameter().getArray()))
            if missing:
                self._bindings.clear()
            self._bindings.synchronize()
            for each in self._blocks():
                if not each._is_ready:
                    each._is_ready = True
                    count_when_dropped(each)

    def standing_apart(self) -> str | None:
        """The name of a child that has hooks or a mode of its own, if there is one."""
        for name, module in self._below.items():
            if module.training != self.training or (
                isinstance(module, BlockModule)
                and (
                    module._forward_hooks
                    or module._forward_pre_hooks
                    or module._backward_hooks
                    or module._backward_pre_hooks
                )
            ):
                return name
        return None

    def extra_repr(self) -> str:
        """The Java class, and for a leaf DJL's own description."""
        if self._children:
            return self._kind
        described = call_java("repr", "Blocks.describe", [], self._block)
        return f"{self._kind}: {' '.join(str(described).split())}"

    def add_module(self, name: str, module: nn.Module | None) -> None:
        """Add a submodule, but not in the place of one of the block's children."""
        self._refuse_to_replace(name)
        super().add_module(name, module)

    def __setattr__(self, name: str, value: Any) -> None:
        self._refuse_to_replace(name)
        super().__setattr__(name, value)

    def __delattr__(self, name: str) -> None:
        self._refuse_to_replace(name)
        super().__delattr__(name)  # type: ignore[no-untyped-call]

    def __deepcopy__(self, memo: dict[int, Any]) -> BlockModule:
        twin = _rebuild(require_recipe(self._recipe, "copied"))
        copy_state(self._java_tree(), twin._java_tree(), memo)
        return twin

    def __reduce__(self) -> tuple[Any, ...]:
        recipe = require_recipe(self._recipe, "pickled")
        if any(hasattr(each, "parametrizations") for each in self._java_tree()):
            raise RuntimeError(
                "Serialization of parametrized modules is only supported through state_dict()."
            )
        return _rebuild, (recipe,), state_of(self._java_tree())

    def __setstate__(self, state: Any) -> None:
        take_state(self._java_tree(), state)

    def _run(self, tensors: Sequence[Tensor]) -> list[Tensor]:
        if not self._is_ready:
            self.initialize(*tensors)
        computed = self._bindings.bind(tensors[0].device)
        name = self._kind.rpartition(".")[2]
        arguments = (self._block, self.training)
        try:
            if len(tensors) == 1:
                handle = call_java(name, "Blocks.forwardOne", tensors, *arguments)
                if handle > 0:
                    return [adopt(handle)]
                handles = java_class("org.pydjl.bridge.Blocks").takeOutputs(handle)
            else:
                handles = call_java_with_list(
                    name, "Blocks.forward", [], *arguments, listed=tensors
                )
        finally:
            self._bindings.release(computed)
        return adopt_all(handles)

    def _runs_one_by_one(self) -> bool:
        return runs_children_in_order(self._block)

    def _blocks(self) -> list[BlockModule]:
        return [each for each in self._java_tree() if isinstance(each, BlockModule)]

    def _java_tree(self) -> list[nn.Module]:
        return [self, *self._below.values()]

    def _register_children(self, pairs: list[Any], seen: JavaObjects) -> dict[str, nn.Module]:
        named = [(str(pair.getKey()), pair.getValue()) for pair in pairs]
        names = child_names(self._kind, named, lambda name: is_taken(self, name))
        children = {}
        for name, (_, block) in zip(names, named, strict=True):
            known = seen.get(block)
            children[name] = _module_of(block, seen=seen) if known is None else known
            super().add_module(name, children[name])
        return children

    def _refuse_to_replace(self, name: str) -> None:
        if name in self.__dict__.get("_children", ()):
            raise NotSupportedError(
                f"{name!r} is a child of a Java block, which goes on calling its own child "
                "whatever stands here: change the block in Java, then call from_block."
            )

    def _replicate_for_data_parallel(self) -> NoReturn:
        raise NotSupportedError(
            "a Java block has one set of parameters, so torch.nn.DataParallel cannot replicate "
            "it: use torch.nn.parallel.DistributedDataParallel."
        )

    def _save_to_state_dict(self, destination: Any, prefix: str, keep_vars: bool) -> None:
        self._bindings.take_from_java()
        # What has no shape yet cannot be detached.
        tensors = (*self._parameters.values(), *self._buffers.values())
        keep = keep_vars or any(is_lazy(tensor) for tensor in tensors if tensor is not None)
        super()._save_to_state_dict(destination, prefix, keep)  # type: ignore[no-untyped-call]

    def _load_from_state_dict(self, state_dict: Any, prefix: str, *rest: Any) -> None:
        for own in self._own:
            own.take_shape_of(state_dict.get(prefix + own.name))
        super()._load_from_state_dict(state_dict, prefix, *rest)  # type: ignore[no-untyped-call]
        unexpected = rest[3]
        # Torch counts the batches of a normalisation; DJL does not.
        if f"{prefix}num_batches_tracked" in unexpected and "running_mean" in self._buffers:
            unexpected.remove(f"{prefix}num_batches_tracked")


def _below(module: BlockModule) -> dict[str, nn.Module]:
    """A block's children and theirs, each once, by their paths."""
    found: dict[int, tuple[str, nn.Module]] = {}
    for name, child in module._children.items():
        found.setdefault(id(child), (name, child))
        for path, each in child._below.items() if isinstance(child, BlockModule) else ():
            found.setdefault(id(each), (f"{name}.{path}", each))
    return dict(found.values())


def _module_of(
    block: Any, recipe: Recipe | None = None, seen: JavaObjects | None = None
) -> nn.Module:
    own = python_module(block)
    return BlockModule(block, recipe, seen) if own is None else own


def _rebuild(recipe: Recipe) -> BlockModule:
    return BlockModule(make_block(recipe), recipe)
