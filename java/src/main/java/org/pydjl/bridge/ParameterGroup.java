// SPDX-License-Identifier: Apache-2.0
package org.pydjl.bridge;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.ParameterTracker;

import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * DJL's optimizer of parameters that share their hyperparameters.
 *
 * <p>DJL keeps an optimizer's state and counts in private maps, by parameter and device. Here they
 * are lent to it for each update, so that they stay Python's: in {@code state_dict}, copied and
 * saved with it.
 */
public final class ParameterGroup {

    private final Optimizer optimizer;
    private final Rate rate;
    private final List<Map<String, Map<Device, NDArray>>> states = new ArrayList<>();
    private final Map<String, Integer> updateCounts;
    private final Field numUpdate;

    private ParameterGroup(Optimizer optimizer, Rate rate, String... stateFields) {
        this.optimizer = optimizer;
        this.rate = rate;
        try {
            for (String name : stateFields) {
                states.add(map(field(optimizer.getClass(), name)));
            }
            updateCounts = map(field(Optimizer.class, "updateCounts"));
            numUpdate = field(Optimizer.class, "numUpdate");
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(
                    "this version of DJL keeps an optimizer's state elsewhere", e);
        }
    }

    /**
     * Makes a group that stochastic gradient descent updates; with momentum it has one state.
     *
     * @param momentum the part of the velocity that is kept, 0 for none
     * @param weightDecay the factor of the weights that is added to the gradient
     * @param rescaleGrad the factor of the gradient
     * @param clipGrad the greatest value of a gradient's element, negative for none
     * @return the group
     */
    public static ParameterGroup sgd(
            float momentum, float weightDecay, float rescaleGrad, float clipGrad) {
        Rate rate = new Rate();
        Optimizer optimizer =
                Optimizer.sgd()
                        .setLearningRateTracker(rate)
                        .optMomentum(momentum)
                        .setRescaleGrad(rescaleGrad)
                        .optWeightDecays(weightDecay)
                        .optClipGrad(clipGrad)
                        .build();
        return momentum == 0
                ? new ParameterGroup(optimizer, rate)
                : new ParameterGroup(optimizer, rate, "momentumStates");
    }

    /**
     * Makes a group that Adam updates; its states are the moving averages of the gradient and of
     * its square.
     *
     * @param beta1 the part of the first average that is kept
     * @param beta2 the part of the second average that is kept
     * @param epsilon what is added to the root of the second average
     * @param weightDecay the factor of the weights that is added to the gradient
     * @param rescaleGrad the factor of the gradient
     * @param clipGrad the greatest value of a gradient's element, negative for none
     * @return the group
     */
    public static ParameterGroup adam(
            float beta1,
            float beta2,
            float epsilon,
            float weightDecay,
            float rescaleGrad,
            float clipGrad) {
        Rate rate = new Rate();
        Optimizer optimizer =
                Optimizer.adam()
                        .optLearningRateTracker(rate)
                        .optBeta1(beta1)
                        .optBeta2(beta2)
                        .optEpsilon(epsilon)
                        .setRescaleGrad(rescaleGrad)
                        .optWeightDecays(weightDecay)
                        .optClipGrad(clipGrad)
                        .build();
        return new ParameterGroup(optimizer, rate, "means", "variances");
    }

    /**
     * Makes a group that AdamW updates; its states are those of {@link #adam}.
     *
     * @param beta1 the part of the first average that is kept
     * @param beta2 the part of the second average that is kept
     * @param epsilon what is added to the root of the second average
     * @param weightDecay the part of the weights, times the rate, that is taken off them
     * @param rescaleGrad the factor of the gradient
     * @param clipGrad the greatest value of a gradient's element, negative for none
     * @return the group
     */
    public static ParameterGroup adamW(
            float beta1,
            float beta2,
            float epsilon,
            float weightDecay,
            float rescaleGrad,
            float clipGrad) {
        Rate rate = new Rate();
        Optimizer optimizer =
                Optimizer.adamW()
                        .optLearningRateTracker(rate)
                        .optBeta1(beta1)
                        .optBeta2(beta2)
                        .optEpsilon(epsilon)
                        .setRescaleGrad(rescaleGrad)
                        .optWeightDecays(weightDecay)
                        .optClipGrad(clipGrad)
                        .build();
        return new ParameterGroup(optimizer, rate, "means", "variances");
    }

    /** Returns how many arrays of state a parameter has. */
    int stateCount() {
        return states.size();
    }

    /** Sets what is the same for the whole group: its rate, and DJL's count of updates. */
    void begin(float learningRate, int updates) {
        rate.value = learningRate;
        try {
            numUpdate.setInt(optimizer, updates);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException("this version of DJL counts its updates elsewhere", e);
        }
    }

    /** Lends a parameter's count of updates and its state. */
    void lend(String id, int updates, Device device, List<NDArray> state) {
        updateCounts.put(id, updates);
        for (int i = 0; i < states.size(); i++) {
            states.get(i).put(id, new HashMap<>(Map.of(device, state.get(i))));
        }
    }

    /** Updates a parameter by DJL's rule. */
    void update(String id, NDArray weight, NDArray gradient) {
        optimizer.update(id, weight, gradient);
    }

    /** Takes back everything that was lent. */
    void takeBack() {
        updateCounts.clear();
        states.forEach(Map::clear);
    }

    private static Field field(Class<?> owner, String name) throws NoSuchFieldException {
        Field field = owner.getDeclaredField(name);
        field.setAccessible(true);
        return field;
    }

    @SuppressWarnings("unchecked")
    private <T> Map<String, T> map(Field field) throws IllegalAccessException {
        return (Map<String, T>) field.get(optimizer);
    }

    /** The learning rate of the next update. */
    private static final class Rate implements ParameterTracker {

        private float value;

        @Override
        public float getNewValue(String parameterId, int updates) {
            return value;
        }
    }
}
