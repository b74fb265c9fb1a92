//! NumPy arrays as label maps or class scores, without a copy.
#![allow(unsafe_code)]

use numpy::npyffi::_PyArray_GET_ITEM_DATA;
use numpy::{
    Element, PyArrayDescrMethods, PyArrayDyn, PyUntypedArray, PyUntypedArrayMethods, get_array_module,
};
use pyo3::exceptions::{PyIndexError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::logits::{Float, Logits};
use crate::pixels::{Dtype, LabelMap};

/// An array of bools or integers as a label map; `segscore.io.arrays` has refused every other type.
///
/// The map may be read with the interpreter released, while other threads write to the array. What
/// must not happen meanwhile is that its memory is freed: the caller holds the array, and NumPy
/// frees the memory of a held array only by `resize(refcheck=False)`, which promises that nobody
/// else uses it.
pub(super) fn label_map<'a>(array: &'a Bound<'_, PyUntypedArray>) -> PyResult<LabelMap<'a>> {
    let descr = array.dtype();
    let dtype = match (descr.kind(), descr.itemsize()) {
        (b'b', 1) => Dtype::Bool,
        (b'u', 1) => Dtype::U8,
        (b'i', 1) => Dtype::I8,
        (b'u', 2) => Dtype::U16,
        (b'i', 2) => Dtype::I16,
        (b'u', 4) => Dtype::U32,
        (b'i', 4) => Dtype::I32,
        (b'u', 8) => Dtype::U64,
        (b'i', 8) => Dtype::I64,
        _ => return Err(PyTypeError::new_err("labels are bools or integers")),
    };
    let swapped = descr.is_native_byteorder() == Some(false);
    // SAFETY: NumPy keeps shape and strides inside the array's memory, which lives as long as the
    // array, which is borrowed for 'a.
    Ok(unsafe { LabelMap::new(data_of(array), dtype, swapped, array.shape(), array.strides()) })
}

/// An array of floats as class scores, one of uint16 as those of bfloat16; `segscore.io.arrays` has refused
/// every other type. What [`label_map`] says about its memory holds here too.
pub(super) fn logits_of<'a>(
    array: &'a Bound<'_, PyUntypedArray>,
    class_axis: Option<usize>,
) -> PyResult<Logits<'a>> {
    let descr = array.dtype();
    let float = match (descr.kind(), descr.itemsize()) {
        (b'f', 2) => Float::F16,
        (b'u', 2) => Float::Bf16,
        (b'f', 4) => Float::F32,
        (b'f', 8) => Float::F64,
        _ => return Err(PyTypeError::new_err("class scores are floats")),
    };
    if class_axis.is_some_and(|axis| axis >= array.ndim()) {
        return Err(PyIndexError::new_err("the class axis is a dimension of the scores"));
    }
    let swapped = descr.is_native_byteorder() == Some(false);
    // SAFETY: NumPy keeps shape and strides inside the array's memory, which lives as long as the
    // array, which is borrowed for 'a.
    Ok(unsafe { Logits::new(data_of(array), float, swapped, array.shape(), array.strides(), class_axis) })
}

/// Where an array's memory begins, as NumPy says it: the stable ABI of Python without its lock does not show what an
/// object holds.
fn data_of(array: &Bound<'_, PyUntypedArray>) -> *const u8 {
    // SAFETY: a bound array is alive, and this thread is attached to Python.
    unsafe { (*_PyArray_GET_ITEM_DATA(array.as_array_ptr())).data.cast::<u8>().cast_const() }
}

/// A new array of zeros in C order. NumPy itself raises a `MemoryError` where there is no room, and takes none for
/// zeros that are not written over.
pub(super) fn zeros<'py, T: Element>(
    py: Python<'py>,
    shape: &[usize],
) -> PyResult<Bound<'py, PyArrayDyn<T>>> {
    let arguments = (PyTuple::new(py, shape)?, T::get_dtype(py));
    let array = get_array_module(py)?.call_method1("zeros", arguments)?;
    Ok(array.cast_into::<PyArrayDyn<T>>()?)
}
