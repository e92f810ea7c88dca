/* One step of an optimiser (SGD, AdaGrad, Adam) on a row of factors or on a bias, and the moments that it keeps. The arithmetic of
 * rows is in kernel/batch_body.h, that of biases here. */
#include <math.h>

#include "base/base.h"
#include "base/memory.h"
#include "train/optimizer.h"

void optimizer_step_bias(float *value, const optimizer_moments *moments, int64_t at, float gradient, int optimizer,
                         const kernel_step *c)
{
    float g = gradient - c->regularization * *value;
    if (optimizer == TAMIS_OPTIMIZER_SGD || optimizer == TAMIS_OPTIMIZER_LAZY_SGD) {
        *value += c->rate * g;
    } else if (optimizer == TAMIS_OPTIMIZER_ADAGRAD) {
        moments->bias_second[at] += g * g;
        *value += c->rate * g / (sqrtf(moments->bias_second[at]) + c->epsilon);
    } else {
        float *m = &moments->bias_first[at], *v = &moments->bias_second[at];
        *m = c->beta1 * *m + (1 - c->beta1) * g;
        *v = c->beta2 * *v + (1 - c->beta2) * g * g;
        *value = c->keep * *value + c->rate * *m / (sqrtf(*v) + c->epsilon);
    }
}

void optimizer_step_row(const train_run *run, float *row, const optimizer_moments *moments, size_t at, size_t stride,
                        const float *gradient, const kernel_step *c)
{
    const kernel_tier *kernel = run->kernel;
    switch ((tamis_optimizer)run->options.optimizer) {
    case TAMIS_OPTIMIZER_SGD:
    case TAMIS_OPTIMIZER_LAZY_SGD: kernel->sgd(row, gradient, stride, c); break;
    case TAMIS_OPTIMIZER_ADAGRAD: kernel->adagrad(row, moments->second + at, gradient, stride, c); break;
    case TAMIS_OPTIMIZER_ADAM:
    case TAMIS_OPTIMIZER_LAZY_ADAM:
        kernel->adam(row, moments->first + at, moments->second + at, gradient, stride, c);
        break;
    }
}

kernel_step optimizer_constants(const tamis_train_options *o, double rate, double regularization, int64_t t)
{
    kernel_step c = {.rate = (float)rate, .regularization = (float)regularization,
                     .keep = (float)(1 - rate * o->weight_decay), .beta1 = 0.9f, .beta2 = 0.999f, .epsilon = 1e-8f};
    if (o->optimizer == TAMIS_OPTIMIZER_ADAM || o->optimizer == TAMIS_OPTIMIZER_LAZY_ADAM) {
        double root = sqrt(1 - pow(0.999, (double)t));
        c.rate = (float)(rate * root / (1 - pow(0.9, (double)t)));
        c.epsilon = (float)(1e-8 * root);
    }
    return c;
}

double optimizer_moments_bytes(int64_t rows, size_t stride, bool bias, int optimizer)
{
    const bool first = optimizer == TAMIS_OPTIMIZER_ADAM || optimizer == TAMIS_OPTIMIZER_LAZY_ADAM;
    const int moments = first ? 2 : optimizer == TAMIS_OPTIMIZER_ADAGRAD;
    return moments * (double)rows * ((double)stride + bias) * sizeof(float);
}

bool optimizer_moments_new(optimizer_moments *m, int64_t rows, size_t stride, bool bias, int optimizer)
{
    bool first = optimizer == TAMIS_OPTIMIZER_ADAM || optimizer == TAMIS_OPTIMIZER_LAZY_ADAM;
    bool second = first || optimizer == TAMIS_OPTIMIZER_ADAGRAD;
    size_t size = (size_t)rows * stride;
    return (!first || (m->first = base_alloc(size, sizeof *m->first))) &&
           (!second || (m->second = base_alloc(size, sizeof *m->second))) &&
           (!first || !bias || (m->bias_first = base_alloc((size_t)rows, sizeof *m->bias_first))) &&
           (!second || !bias || (m->bias_second = base_alloc((size_t)rows, sizeof *m->bias_second)));
}

void optimizer_moments_list(optimizer_moments *m, const optimizer_names *names, const parameter *like, parameters *list)
{
    const parameter bias = {.side = like->side, .rows = like->rows, .width = 1, .stride = 1};
    parameter moments[] = {*like, *like, bias, bias};
    const char *const name[] = {names->first, names->second, names->bias_first, names->bias_second};
    float **const data[] = {&m->first, &m->second, &m->bias_first, &m->bias_second};
    for (size_t k = 0; k < BASE_COUNT(moments); k++) {
        moments[k].name = name[k];
        moments[k].data = data[k];
        if (*data[k]) parameters_add(list, &moments[k]);
    }
}

void optimizer_moments_clear(optimizer_moments *m)
{
    base_free(m->first);
    base_free(m->second);
    base_free(m->bias_first);
    base_free(m->bias_second);
}
