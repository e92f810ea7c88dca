/* Products of small matrices, in tiles of a few rows and columns whose sums stay in registers. Every number of C is one chain
 * of multiply-adds over the steps of a block, so that the bits are those of every tier. */

#if defined(KERNEL_AVX512) /* as many sums as there are registers for */
enum { PRODUCT_ROWS = 8, PRODUCT_PANELS = 2 };
#else
enum { PRODUCT_ROWS = 6, PRODUCT_PANELS = 1 };
#endif
enum { PRODUCT_STEPS = 64 /* what is read of A and B for them stays in the L1 cache */ };

/* What stays the same for a block of steps. near: see kernel_tier.product_near. */
typedef struct product_block {
    size_t b_panel, b_step, a_row, a_step, c_row, base_row;
    int64_t steps, panels;
    float scale;
    int first_bit;
    bool near;
} product_block;

/* Where some rows begin: of A, of B's panels, of C, base, low and high. */
typedef struct product_corner {
    const float *a, *b;
    float *c;
    const float *base, *low;
    uint32_t *high;
} product_corner;

INLINE v16 product_step(bool near, v16 a, v16 b, v16 sum)
{
    return near ? v_add(v_mul(a, b), sum) : v_fma(a, b, sum);
}

/* Panels p .. p + panels - 1 of some rows. */
INLINE void product_tile(const product_block *w, product_corner at, size_t p, int rows, int panels)
{
    v16 sum[PRODUCT_ROWS][PRODUCT_PANELS];
    for (int r = 0; r < rows; r++)
        for (int q = 0; q < panels; q++) sum[r][q] = v_all(0);
    const float *b = at.b + p * w->b_panel;
    for (int64_t k = 0; k < w->steps; k++, b += w->b_step) {
        v16 row[PRODUCT_PANELS];
        for (int q = 0; q < panels; q++) row[q] = v_load(b + (size_t)q * w->b_panel);
#pragma GCC unroll 8
        for (int r = 0; r < rows; r++) {
            const v16 a = v_all(at.a[(size_t)r * w->a_row + (size_t)k * w->a_step]);
            for (int q = 0; q < panels; q++) sum[r][q] = product_step(w->near, a, row[q], sum[r][q]);
        }
    }
    const v16 by = v_all(w->scale);
#pragma GCC unroll 8
    for (int r = 0; r < rows; r++) {
        const float *base = at.base ? at.base + (size_t)r * w->base_row + p * LANES : NULL;
        float *c = at.c + (size_t)r * w->c_row + p * LANES;
        for (int q = 0; q < panels; q++)
            sum[r][q] = base ? product_step(w->near, by, sum[r][q], v_load(base + q * LANES)) : v_mul(by, sum[r][q]);
        if (at.low) {
            v16 most = sum[r][0];
            /* cppcheck-suppress arrayIndexOutOfBounds ; sum has `panels` of them */
            for (int q = 1; q < panels; q++) most = v_max(most, sum[r][q]);
            if (!v_any_from(most, v_all(at.low[r]))) continue;
            at.high[r] |= ((UINT32_C(1) << panels) - 1) << (w->first_bit + (int)p);
        }
        for (int q = 0; q < panels; q++) v_store(c + q * LANES, sum[r][q]);
    }
}

INLINE void product_strip(const product_block *w, product_corner at, int rows)
{
    size_t p = 0;
    for (; p + PRODUCT_PANELS <= (size_t)w->panels; p += PRODUCT_PANELS) product_tile(w, at, p, rows, PRODUCT_PANELS);
    for (; p < (size_t)w->panels; p++) product_tile(w, at, p, rows, 1);
}

INLINE void product_rows(const product_block *w, product_corner at, int64_t rows)
{
    for (int64_t n; rows > 0; rows -= n) {
        if (rows >= PRODUCT_ROWS)
            product_strip(w, at, (int)(n = PRODUCT_ROWS));
        else if (rows >= 4)
            product_strip(w, at, (int)(n = 4));
        else
            product_strip(w, at, (int)(n = 1));
        at.a += (size_t)n * w->a_row;
        at.c += (size_t)n * w->c_row;
        at.base = at.base ? at.base + (size_t)n * w->base_row : NULL;
        at.low = at.low ? at.low + n : NULL;
        at.high = at.high ? at.high + n : NULL;
    }
}

/* A's columns are side by side: sixteen rows of it at a time, which are a line of the cache, are copied. */
INLINE void product_transposed(product_block w, product_corner at, size_t a_step, int64_t rows)
{
    _Alignas(64) float copy[PRODUCT_STEPS * LANES];
    const product_corner first = at;
    w.a_row = 1;
    w.a_step = LANES;
    at.a = copy;
    for (int64_t r = 0; r < rows; r += LANES) {
        for (int64_t k = 0; k < w.steps; k++) v_store(copy + k * LANES, v_load(first.a + r + (size_t)k * a_step));
        at.c = first.c + (size_t)r * w.c_row;
        at.base = first.base ? first.base + (size_t)r * w.base_row : NULL;
        at.low = first.low ? first.low + r : NULL;
        at.high = first.high ? first.high + r : NULL;
        product_rows(&w, at, rows - r < LANES ? rows - r : LANES);
    }
}

INLINE void product_any(const kernel_product *work, bool near)
{
    product_block w = {.b_panel = work->b_panel, .b_step = work->b_step, .a_row = work->a_row, .a_step = 1,
                       .c_row = work->c_row, .base_row = work->base_row, .panels = work->columns / LANES,
                       .scale = work->scale, .first_bit = work->first_bit, .near = near};
    product_corner at = {.c = work->c, .base = work->base};
    for (int64_t from = 0; from < work->steps; from += PRODUCT_STEPS) {
        const int64_t left = work->steps - from;
        w.steps = left < PRODUCT_STEPS ? left : PRODUCT_STEPS;
        at.a = work->a + (size_t)from * work->a_step;
        at.b = work->b + (size_t)from * work->b_step;
        if (from > 0) { /* this block adds to what the one before gave */
            at.base = work->c;
            w.base_row = work->c_row;
        }
        if (left <= PRODUCT_STEPS) {
            at.low = work->low;
            at.high = work->high;
        }
        if (work->a_step == 1)
            product_rows(&w, at, work->rows);
        else
            product_transposed(w, at, work->a_step, work->rows);
    }
}

static void product(const kernel_product *work)
{
    product_any(work, false);
}

#ifdef KERNEL_PLAIN
static void product_near(const kernel_product *work)
{
    product_any(work, true);
}
#define PRODUCT_NEAR product_near
#else
#define PRODUCT_NEAR product
#endif

static void pack(const float *rows, int64_t n, size_t stride, float *panel)
{
    for (size_t k = 0; k < stride; k += LANES) {
        v16 x[LANES];
        for (int64_t r = 0; r < LANES; r++)
            x[r] = r < n ? v_load(rows + (size_t)r * stride + k) : v_all(0);
        v_transpose(x);
        for (size_t j = 0; j < LANES; j++) v_store(panel + (k + j) * LANES, x[j]);
    }
}
