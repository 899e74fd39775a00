"""Pass tensors between PyTorch and DJL by handle: the address of an ``at::Tensor`` on the heap.

Nothing is copied: both sides see one TensorImpl, with its strides, device and autograd history.
`lend` makes a handle that Java takes over and frees; `adopt` takes over a handle that Java gave
away. Between the two, each handle has one owner at any time, also when Java throws.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from pydjl.errors import ArgumentTypeError, DeviceError, StartError
from pydjl.ndarray.compilation import outside_of_compile
from pydjl.ndarray.dtypes import DATA_TYPES, check_dtype

_aoti = torch._C._aoti
_allocate = _aoti.unsafe_alloc_void_ptr_from_tensor
# This frees what it takes.
_take_tensors = _aoti.alloc_tensors_by_stealing_from_void_ptrs
# Despite its name this copies the reference and leaves the handle to its owner: `self_test`.
_tensor_at = _aoti.alloc_tensor_by_stealing_from_void_ptr

_is_transformed = torch._C._functorch.is_functorch_wrapped_tensor

_PLAIN_TYPES = frozenset((Tensor, torch.nn.Parameter))
_VOUCHED = "_pydjl_python_keeps_it"
_POINTER = ctypes.sizeof(ctypes.c_void_p)

_capsules: list[tuple[ctypes.c_void_p, list[Any]]] = []

_get_pointer = ctypes.pythonapi.PyCapsule_GetPointer
_get_pointer.restype = ctypes.c_void_p
_get_pointer.argtypes = [ctypes.py_object, ctypes.c_char_p]
_new_capsule = ctypes.pythonapi.PyCapsule_New
_new_capsule.restype = ctypes.py_object
_new_capsule.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]


def lend(tensor: Tensor) -> int:
    """Make a handle of a tensor for Java, which frees it.

    Args:
        tensor: a dense tensor on the CPU or a CUDA device, of a dtype that DJL knows.

    Returns:
        The address of a new ``at::Tensor`` that refers to the same memory.

    Raises:
        DtypeError: DJL does not know the dtype.
        ArgumentTypeError: the tensor is sparse, quantized, or of a subclass that computes by
            itself (such as the tensors inside `torch.func.vmap`).
        DeviceError: the tensor has no memory that DJL can reach.
    """
    check_tensor(tensor)
    return make_handle(tensor)


def make_handle(tensor: Tensor) -> int:
    """As `lend`, for a tensor that was checked."""
    return _get_pointer(_allocate(tensor), None)  # type: ignore[no-any-return]


def handles_inside(tensors: Sequence[Tensor]) -> list[int]:
    """The handles that tensor objects have inside of themselves; raises as `lend` does.

    They are good for as long as the caller keeps the tensors, and are not to be freed.
    """
    offset = _offset_of_handle()
    handles = []
    for tensor in tensors:
        check_tensor(tensor)
        handles.append(id(tensor) + offset)
    return handles


@cache
def _offset_of_handle() -> int:
    """Where in a tensor object its ``at::Tensor`` lies: one pointer, to what `_cdata` is."""
    tensor = torch.zeros(1, device="cpu")
    return _offset_of(tensor._cdata, tensor)


def _offset_of(pointer: int, holder: object) -> int:
    """Where in a Python object a pointer lies that it is known to hold."""
    for offset in range(object.__basicsize__, type(holder).__basicsize__, _POINTER):
        if ctypes.c_void_p.from_address(id(holder) + offset).value == pointer:
            return offset
    raise _unfit()


@outside_of_compile
def adopt(handle: int) -> Tensor:
    """Make a tensor of a handle that Java gave away; the handle is freed."""
    try:
        # Nobody else has it meanwhile: no other thread, and no finalizer that runs in between.
        reused = _capsules.pop()
    except IndexError:
        reused = _new_reusable_capsule()
    pointer, capsules = reused
    pointer.value = handle
    tensor: Tensor = _take_tensors(capsules)[0]
    _capsules.append(reused)
    return tensor


@outside_of_compile
def adopt_all(handles: Sequence[int]) -> list[Tensor]:
    """As `adopt`, for each handle of a Java array, over which it takes longer to iterate."""
    return [adopt(handles[i]) for i in range(len(handles))]


def _new_reusable_capsule() -> tuple[ctypes.c_void_p, list[Any]]:
    """A capsule, in a list, and its pointer, to be set: making one takes longer than adopting."""
    capsule = _new_capsule(_POINTER, None, None)
    return ctypes.c_void_p.from_address(id(capsule) + _offset_of(_POINTER, capsule)), [capsule]


def free(handle: int) -> None:
    """Free a handle that nobody took over."""
    _delete_function()(handle)


def look_at(handle: int) -> Tensor:
    """Make a tensor of a handle that goes on belonging to a Java array."""
    return _tensor_at(_new_capsule(handle, None, None))


def vouch_for(tensor: Tensor) -> None:
    """Mark memory that Python keeps alive, for `may_vanish`."""
    storage = tensor.untyped_storage()
    if not storage.resizable():
        setattr(storage, _VOUCHED, True)


def may_vanish(tensor: Tensor) -> bool:
    """Whether a tensor's memory may be freed while the tensor lives.

    A Java buffer is such memory (``NDManager.create(float[])``), also under a view. PyTorch does
    not resize memory that it did not allocate; so much tells a buffer, and NumPy's memory, too,
    for which Python vouches.
    """
    storage = tensor.untyped_storage()
    return not storage.resizable() and not hasattr(storage, _VOUCHED)


def check_tensor(tensor: Tensor) -> None:
    """Refuse a tensor that DJL cannot take, as `lend` says."""
    plain = (
        type(tensor) in _PLAIN_TYPES
        and tensor.dtype in DATA_TYPES
        and tensor.is_cpu
        and tensor.layout is torch.strided
        and not tensor.is_nested
        and not _is_transformed(tensor)
    )
    if not plain:  # this is asked of every operand, and the answer is nearly always so
        _look_closely(tensor)


def _look_closely(tensor: Tensor) -> None:
    if tensor.is_quantized:
        raise ArgumentTypeError(
            "a quantized tensor cannot be passed to DJL: use tensor.dequantize()."
        )
    check_dtype(tensor.dtype)
    if tensor.layout is not torch.strided:
        raise ArgumentTypeError(
            f"a dense tensor is needed, not one of layout {tensor.layout}: use tensor.to_dense()."
        )
    if tensor.is_nested:
        raise ArgumentTypeError(
            "a nested tensor cannot be passed to DJL: use torch.nested.to_padded_tensor."
        )
    if tensor.device.type not in ("cpu", "cuda"):
        raise DeviceError(
            f"a tensor on device {str(tensor.device)!r} cannot be passed to DJL: move it to 'cpu' "
            "or 'cuda' first."
        )
    if type(tensor) is not Tensor and _computes_by_itself(tensor):
        raise ArgumentTypeError(
            f"a {type(tensor).__name__} is not a plain tensor and cannot be passed to DJL: "
            "call this outside of torch.func transforms, torch.compile and fake tensors."
        )
    if _is_transformed(tensor):
        raise ArgumentTypeError(
            "a tensor inside torch.func.vmap, grad or jvp cannot be passed to DJL: call this "
            "outside of torch.func transforms."
        )


def _computes_by_itself(tensor: Tensor) -> bool:
    return type(tensor).__torch_dispatch__ is not Tensor.__torch_dispatch__


@cache
def _delete_function() -> Callable[[int], int]:
    """The C function that frees a handle: libtorch's own, from the library that is mapped."""
    library = next((Path(torch.__file__).parent / "lib").glob("*torch_cpu.*"))
    function = ctypes.CDLL(str(library)).aoti_torch_delete_tensor_object
    function.argtypes = [ctypes.c_void_p]
    function.restype = ctypes.c_int32
    return function


def self_test() -> None:
    """Check that this torch passes handles as is relied on here; once per process.

    Raises:
        StartError: `alloc_tensor_by_stealing_from_void_ptr` frees its handle, another tensor
            comes back, or none is inside of a tensor's object. Going on would free memory twice.
    """
    tensor = torch.zeros(1, device="cpu")  # whatever the default device is
    handle = lend(tensor)
    same = look_at(handle)
    if ctypes.c_void_p.from_address(handle).value != tensor._cdata or same is not tensor:
        raise _unfit()
    if adopt(handle) is not tensor:
        raise _unfit()
    free(lend(tensor))
    if look_at(*handles_inside([tensor])) is not tensor:
        raise _unfit()


def _unfit() -> StartError:
    return StartError(
        f"torch {torch.__version__} does not pass tensors by handle in the way that pydjl was "
        "built for: install torch 2.7.1."
    )
