/* The loss that the pointwise methods share. */
#include "kernel/scalar.h"
#include "method/mnar.h"

float mnar_point(const void *context, const kernel_sample *sample, double *loss)
{
    const tamis_parameter *param = context;
    if (param[MNAR_LOSS].choice == 0) return kernel_logistic_point(context, sample, loss);
    const float target = sample->target, yes = scalar_sigmoid(sample->score), no = scalar_sigmoid(-sample->score);
    *loss += (double)(target * no * no + (1 - target) * yes * yes);
    return 2 * yes * no * (target - yes);
}

kernel_loss mnar_known_point(const void *context)
{
    const tamis_parameter *param = context;
    return param[MNAR_LOSS].choice == 0 ? kernel_logistic_point : NULL;
}
