/* The edges of a batch, row by row of one side. */
#include "base/memory.h"
#include "train/edges.h"

bool edge_groups_new(edge_groups *g, int64_t rows, int64_t edges)
{
    g->slot = base_alloc_raw((size_t)rows, sizeof *g->slot);
    g->row = base_alloc_raw((size_t)edges, sizeof *g->row);
    g->start = base_alloc_raw((size_t)edges + 1, sizeof *g->start);
    g->edge_slot = base_alloc_raw((size_t)edges, sizeof *g->edge_slot);
    g->edge = base_alloc_raw((size_t)edges, sizeof *g->edge);
    g->other = base_alloc_raw((size_t)edges, sizeof *g->other);
    bool done = g->slot && g->row && g->start && g->edge_slot && g->edge && g->other;
    for (int h = 0; h < METHOD_FACTORISATIONS; h++)
        done = (g->weight[h] = base_alloc_raw((size_t)edges, sizeof *g->weight[h])) && done;
    for (int64_t r = 0; done && r < rows; r++) g->slot[r] = -1;
    return done;
}

double edge_groups_bytes(int64_t rows, int64_t edges)
{
    return ((double)rows + (double)edges * (5 + METHOD_FACTORISATIONS)) * 4;
}

void edge_groups_clear(edge_groups *g)
{
    base_free(g->slot);
    base_free(g->row);
    base_free(g->start);
    base_free(g->edge_slot);
    base_free(g->edge);
    base_free(g->other);
    for (int h = 0; h < METHOD_FACTORISATIONS; h++) base_free(g->weight[h]);
}

/* Lists, for each row among row[0..n-1], its edges in order, with the other side's row and the coefficients. */
void edge_groups_fill(edge_groups *g, const int32_t *row, const int32_t *other, float *const *gradient, int64_t n)
{
    for (int32_t s = 0; s < g->slots; s++) g->slot[g->row[s]] = -1; /* of the batch before */
    g->slots = 0;
    for (int64_t k = 0; k < n; k++) {
        int32_t s = g->slot[row[k]];
        if (s < 0) {
            s = g->slots++;
            g->slot[row[k]] = s;
            g->row[s] = row[k];
            g->start[s] = 0;
        }
        g->edge_slot[k] = s;
        g->start[s]++;
    }
    int32_t end = 0;
    for (int32_t s = 0; s < g->slots; s++) {
        int32_t size = g->start[s];
        g->start[s] = end;
        end += size;
    }
    for (int64_t k = 0; k < n; k++) {
        int32_t slot = g->start[g->edge_slot[k]]++;
        g->edge[slot] = (int32_t)k;
        g->other[slot] = other[k];
        for (int h = 0; h < METHOD_FACTORISATIONS && gradient[h]; h++) g->weight[h][slot] = gradient[h][k];
    }
    for (int32_t s = g->slots; s > 0; s--) g->start[s] = g->start[s - 1]; /* the ends were the next ones' starts */
    g->start[0] = 0;
}
