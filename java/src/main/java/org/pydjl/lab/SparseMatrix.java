// SPDX-License-Identifier: Apache-2.0
package org.pydjl.lab;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;

/**
 * A matrix of which only some elements are stored: the numbers of their rows and columns, and their
 * values. It owns the two arrays.
 */
public final class SparseMatrix implements AutoCloseable {

    private final NDArray indices;
    private final NDArray values;
    private final Shape shape;

    /**
     * Creates a matrix, which takes the arrays over.
     *
     * @param indices the rows and the columns of the elements, (2, count), int64
     * @param values the elements, (count), no two at one place
     * @param shape the numbers of rows and columns
     * @throws IllegalArgumentException if the shapes do not fit together
     */
    public SparseMatrix(NDArray indices, NDArray values, Shape shape) {
        long count = values.getShape().size();
        if (shape.dimension() != 2 || !indices.getShape().equals(new Shape(2, count))) {
            throw new IllegalArgumentException(
                    String.format(
                            "%d values of a matrix of shape %s have indices of shape %s, but (2,"
                                    + " %d) is needed.",
                            count, shape, indices.getShape(), count));
        }
        this.indices = indices;
        this.values = values;
        this.shape = shape;
    }

    /**
     * Returns where the elements stand.
     *
     * @return the rows and the columns, (2, count), which go on belonging to the matrix
     */
    public NDArray getIndices() {
        return indices;
    }

    /**
     * Returns the stored elements.
     *
     * @return the values, (count), which go on belonging to the matrix
     */
    public NDArray getValues() {
        return values;
    }

    /**
     * Returns the numbers of rows and columns.
     *
     * @return the shape
     */
    public Shape getShape() {
        return shape;
    }

    /**
     * Returns the matrix with rows and columns exchanged.
     *
     * @return a matrix of its own, with the same values; the caller closes it
     */
    public SparseMatrix transpose() {
        Shape exchanged = new Shape(shape.get(1), shape.get(0));
        return new SparseMatrix(indices.flip(0), values.reshape(values.getShape()), exchanged);
    }

    /**
     * Multiplies the matrix with a vector, without ever writing out its zeros. Gradients flow to
     * the vector and to the values.
     *
     * @param vector as many elements as the matrix has columns, in any shape, of the type of the
     *     values; not modified
     * @return as many elements as the matrix has rows, (rows)
     * @throws IllegalArgumentException if the vector has another size, type or device
     */
    public NDArray multiply(NDArray vector) {
        Operands.check(vector, values);
        if (vector.getShape().size() != shape.get(1)) {
            throw new IllegalArgumentException(
                    String.format(
                            "The vector has the shape %s, but the matrix %s takes %d elements.",
                            vector.getShape(), shape, shape.get(1)));
        }
        try (NDManager work = vector.getManager().newSubManager(vector.getDevice())) {
            NDArray rows = row(work, 0);
            NDArray flat = Operands.view(work, vector, new Shape(shape.get(1)));
            NDArray products = flat.take(row(work, 1)).mul(values);
            NDArray sums = summation(work, rows).matMul(products.expandDims(1)).squeeze(1);
            sums.attach(vector.getManager());
            return sums;
        }
    }

    /**
     * Writes the matrix out.
     *
     * @return the matrix with all its zeros, (rows, columns)
     */
    public NDArray toDense() {
        try (NDManager work = values.getManager().newSubManager(values.getDevice())) {
            NDArray places = row(work, 0).mul(shape.get(1)).add(row(work, 1));
            NDArray dense =
                    work.zeros(new Shape(shape.size()), values.getDataType())
                            .scatter(places, values, 0)
                            .reshape(shape);
            dense.attach(values.getManager());
            return dense;
        }
    }

    /** Frees the two arrays. */
    @Override
    public void close() {
        indices.close();
        values.close();
    }

    /**
     * A sparse matrix of the engine that adds up the products of each row. The engine's sparse
     * arrays are in no graph, so this one holds nothing but ones: the gradients of vector and
     * values come by way of the products.
     */
    private NDArray summation(NDManager work, NDArray rows) {
        long count = values.size();
        NDArray places = NDArrays.stack(new NDList(rows, Terms.upTo(work, count)));
        NDArray ones = work.ones(new Shape(count), values.getDataType());
        Shape wide = new Shape(shape.get(0), count);
        return JniUtils.createSparseCoo((PtNDArray) places, (PtNDArray) ones, wide);
    }

    private NDArray row(NDManager work, int number) {
        NDArray row = indices.get(number);
        row.attach(work);
        return row;
    }
}
