/* Products of small matrices, in tiles of a few rows and sixteen columns whose sums stay in registers. Every number of C is
 * one chain of v_fma over the steps of a block, so that the bits are those of every tier. */

enum { PRODUCT_ROWS = 6, PRODUCT_STEPS = 64 /* what is read of A and B for them stays in the L1 cache */ };

/* What stays the same for a block of steps. */
typedef struct product_block {
    const float *b;
    size_t b_panel, b_step, a_row, a_step, c_row, base_row;
    int64_t steps, panels;
    float scale;
} product_block;

/* One panel of some rows. */
INLINE void product_tile(const product_block *w, const float *a, const float *b, float *c, const float *base, int rows)
{
    v16 sum[PRODUCT_ROWS];
    for (int r = 0; r < rows; r++) sum[r] = v_all(0);
    for (int64_t k = 0; k < w->steps; k++) {
        const v16 row = v_load(b + (size_t)k * w->b_step);
#pragma GCC unroll 6
        for (int r = 0; r < rows; r++) sum[r] = v_fma(v_all(a[(size_t)r * w->a_row + (size_t)k * w->a_step]), row, sum[r]);
    }
    const v16 by = v_all(w->scale);
    for (int r = 0; r < rows; r++)
        v_store(c + (size_t)r * w->c_row, base ? v_fma(by, sum[r], v_load(base + (size_t)r * w->base_row)) : v_mul(by, sum[r]));
}

INLINE void product_strip(const product_block *w, const float *a, float *c, const float *base, int rows)
{
    for (size_t p = 0; p < (size_t)w->panels; p++)
        product_tile(w, a, w->b + p * w->b_panel, c + p * LANES, base ? base + p * LANES : NULL, rows);
}

INLINE void product_rows(const product_block *w, const float *a, float *c, const float *base, int64_t rows)
{
    for (int64_t n; rows > 0; rows -= n) {
        if (rows >= PRODUCT_ROWS)
            product_strip(w, a, c, base, (int)(n = PRODUCT_ROWS));
        else if (rows >= 4)
            product_strip(w, a, c, base, (int)(n = 4));
        else
            product_strip(w, a, c, base, (int)(n = 1));
        a += (size_t)n * w->a_row;
        c += (size_t)n * w->c_row;
        base = base ? base + (size_t)n * w->base_row : NULL;
    }
}

static void product(const kernel_product *work)
{
    _Alignas(64) float turned[PRODUCT_STEPS * LANES];
    product_block w = {.b = work->b, .b_panel = work->b_panel, .b_step = work->b_step, .a_row = work->a_row, .a_step = 1,
                       .c_row = work->c_row, .base_row = work->base_row, .panels = work->columns / LANES,
                       .scale = work->scale};
    const float *base = work->base;
    for (int64_t from = 0; from < work->steps; from += PRODUCT_STEPS) {
        const float *a = work->a + (size_t)from * work->a_step;
        w.b = work->b + (size_t)from * work->b_step;
        w.steps = work->steps - from < PRODUCT_STEPS ? work->steps - from : PRODUCT_STEPS;
        if (from > 0) {
            base = work->c;
            w.base_row = work->c_row;
        }
        if (work->a_step == 1) {
            product_rows(&w, a, work->c, base, work->rows);
            continue;
        }
        w.a_row = 1;
        w.a_step = LANES;
        for (int64_t r = 0; r < work->rows; r += LANES) { /* sixteen rows of A, which are a line of the cache, side by side */
            const int64_t rows = work->rows - r < LANES ? work->rows - r : LANES;
            for (int64_t k = 0; k < w.steps; k++) v_store(turned + k * LANES, v_load(a + r + (size_t)k * work->a_step));
            product_rows(&w, turned, work->c + (size_t)r * w.c_row, base ? base + (size_t)r * w.base_row : NULL, rows);
        }
    }
}
