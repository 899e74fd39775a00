// SPDX-License-Identifier: Apache-2.0
package org.pydjl.bridge;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.training.Trainer;
import ai.djl.training.optimizer.Optimizer;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A DJL optimizer of parameters in groups, each with hyperparameters of its own, as PyTorch's
 * optimizers have them.
 *
 * <p>Parameters are numbered; the number is called a slot. Arrays of one element for each updated
 * slot say what an update needs: the slot, its group's rate, how often the slot and how often its
 * group was updated before.
 */
public final class GroupedOptimizer extends Optimizer {

    private ParameterGroup[] groups = {};
    private String[] ids = {};
    private final Map<String, ParameterGroup> groupOf = new HashMap<>();

    /** Creates an optimizer without parameters. */
    public GroupedOptimizer() {
        super(new NoOptions());
    }

    /**
     * Sets the parameters.
     *
     * @param newGroups the group of each slot
     * @param newIds the name by which DJL knows the parameter of each slot
     */
    public void setParameters(ParameterGroup[] newGroups, String[] newIds) {
        groups = newGroups.clone();
        ids = newIds.clone();
        groupOf.clear();
        for (int slot = 0; slot < ids.length; slot++) {
            groupOf.put(ids[slot], groups[slot]);
        }
    }

    /**
     * Updates parameters.
     *
     * @param optimizer the optimizer
     * @param slots which parameters
     * @param rates the learning rate of each
     * @param counts how often each was updated before
     * @param groupCounts how often the most updated parameter of its group was updated before
     * @param handles for each slot the parameter, its gradient and its state; freed
     * @return true, or false for a failure
     */
    public static boolean apply(
            GroupedOptimizer optimizer,
            int[] slots,
            float[] rates,
            int[] counts,
            int[] groupCounts,
            long[] handles) {
        return Call.forEffect(
                call -> {
                    NDList arrays = call.take(handles);
                    optimizer.lend(slots, rates, counts, groupCounts, arrays, 2);
                    try {
                        int next = 0;
                        for (int slot : slots) {
                            ParameterGroup group = optimizer.groups[slot];
                            group.update(
                                    optimizer.ids[slot], arrays.get(next), arrays.get(next + 1));
                            next += 2 + group.stateCount();
                        }
                    } finally {
                        optimizer.takeBack();
                    }
                });
    }

    /**
     * Lets DJL's trainer update its parameters.
     *
     * @param optimizer the trainer's optimizer
     * @param trainer the trainer, after a backward pass
     * @param slots the parameters
     * @param rates the learning rate of each
     * @param counts how often each was updated before
     * @param groupCounts how often the most updated parameter of its group was updated before
     * @param handles for each slot the parameter and its state; freed
     * @return true, or false for a failure
     */
    public static boolean step(
            GroupedOptimizer optimizer,
            Trainer trainer,
            int[] slots,
            float[] rates,
            int[] counts,
            int[] groupCounts,
            long[] handles) {
        return Call.forEffect(
                call -> {
                    optimizer.lend(slots, rates, counts, groupCounts, call.take(handles), 1);
                    try {
                        trainer.step();
                    } finally {
                        optimizer.takeBack();
                    }
                });
    }

    /** {@inheritDoc} A parameter that is in no group stays as it is. */
    @Override
    public void update(String parameterId, NDArray weight, NDArray grad) {
        ParameterGroup group = groupOf.get(parameterId);
        if (group != null) {
            group.update(parameterId, weight, grad);
        }
    }

    /** Lends every group the state of its slots, which follow the leading arrays of each slot. */
    private void lend(
            int[] slots,
            float[] rates,
            int[] counts,
            int[] groupCounts,
            List<NDArray> arrays,
            int leading) {
        int next = 0;
        for (int i = 0; i < slots.length; i++) {
            ParameterGroup group = groups[slots[i]];
            int end = next + leading + group.stateCount();
            group.begin(rates[i], groupCounts[i]);
            group.lend(
                    ids[slots[i]],
                    counts[i],
                    arrays.get(next).getDevice(),
                    arrays.subList(next + leading, end));
            next = end;
        }
    }

    private void takeBack() {
        for (ParameterGroup group : groups) {
            group.takeBack();
        }
    }

    /** What {@link Optimizer} needs to be made; the groups have the options. */
    private static final class NoOptions extends OptimizerBuilder<NoOptions> {

        @Override
        protected NoOptions self() {
            return this;
        }
    }
}
