/* The loss that the pointwise methods share. */
#include "kernel/scalar.h"
#include "method/mnar.h"

float mnar_point(const void *context, float score, float target, double *loss)
{
    const tamis_parameter *param = context;
    if (param[MNAR_LOSS].choice == 0) return kernel_logistic_point(context, score, target, loss);
    const float yes = scalar_sigmoid(score), no = scalar_sigmoid(-score);
    *loss += (double)(target * no * no + (1 - target) * yes * yes);
    return 2 * yes * no * (target - yes);
}

kernel_point_loss mnar_known_point(const void *context)
{
    const tamis_parameter *param = context;
    return param[MNAR_LOSS].choice == 0 ? kernel_logistic_point : NULL;
}
