/*
 * For bench/media.sh:
 *   media make FILE.jpg WIDTH HEIGHT   a picture as a camera would have made it: large shapes and small ones
 *                                      (noise in octaves), edges, grain; always the same
 *   media compare FILE FILE            how alike they look: mean SSIM of their brightness, blocks of 8 × 8 pixels
 *   media time COMMAND…                runs it; prints seconds, seconds of processor time, and the peak
 *                                      memory, in MB, of the largest process that it started
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <vips/vips.h>

#define OCTAVES 9
#define QUALITY 92

static uint32_t hash(uint32_t x, uint32_t y, uint32_t z) {
    uint32_t h = x * 0x9E3779B1u ^ y * 0x85EBCA77u ^ z * 0xC2B2AE3Du;
    h = (h ^ h >> 15) * 0x2C1B3C6Du;
    h = (h ^ h >> 12) * 0x297A2D39u;
    return h ^ h >> 15;
}
static float lattice(uint32_t x, uint32_t y, uint32_t z) {
    return (float)(hash(x, y, z) >> 8) / (float)(1 << 24);
}
/* Value noise, smooth between the points of a grid. */
static float noise(float x, float y, uint32_t z) {
    uint32_t ix = (uint32_t)x, iy = (uint32_t)y;
    float fx = x - (float)ix, fy = y - (float)iy;
    fx = fx * fx * (3 - 2 * fx);
    fy = fy * fy * (3 - 2 * fy);
    float up = lattice(ix, iy, z) * (1 - fx) + lattice(ix + 1, iy, z) * fx;
    float down = lattice(ix, iy + 1, z) * (1 - fx) + lattice(ix + 1, iy + 1, z) * fx;
    return up * (1 - fy) + down * fy;
}

static int make(const char *path, int width, int height) {
    unsigned char *p = malloc((size_t)width * (size_t)height * 3), *at = p;
    if (!p) return 1;
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++, at += 3) {
            float light = 0, scale = 1.0f / 1200, weight = 0.34f;
            for (uint32_t octave = 0; octave < OCTAVES; octave++) {
                light += weight * noise((float)x * scale, (float)y * scale, octave);
                scale *= 2;
                weight *= 0.75f;
            }
            /* a horizon, and roofs before it */
            int roof = height * 2 / 3 - (int)(hash((uint32_t)x / 150, 1, 77) % 700);
            float base = y > roof ? 0.35f : 0.75f;
            float tint = noise((float)x / 700, (float)y / 700, 99) - 0.5f;
            float grain = ((float)(hash((uint32_t)x, (uint32_t)y, 5) & 15) - 7.5f) / 200;
            float value = base * (0.55f + 0.75f * light) + grain;
            float colour[3] = {value * (1 + 0.3f * tint), value, value * (1 - 0.3f * tint)};
            for (int band = 0; band < 3; band++)
                at[band] = (unsigned char)(255 * fminf(fmaxf(colour[band], 0), 1));
        }
    VipsImage *raw = vips_image_new_from_memory(p, (size_t)width * (size_t)height * 3, width,
                                                height, 3, VIPS_FORMAT_UCHAR),
              *image;
    if (!raw || vips_copy(raw, &image, "interpretation", VIPS_INTERPRETATION_sRGB, NULL) ||
        vips_jpegsave(image, path, "Q", QUALITY, NULL))
        vips_error_exit(NULL);
    free(p);
    return 0;
}

/* One value a pixel, to be freed. */
static float *brightness(const char *path, int *width, int *height) {
    VipsImage *file = vips_image_new_from_file(path, NULL), *grey, *flat;
    size_t n;
    if (!file || vips_colourspace(file, &grey, VIPS_INTERPRETATION_B_W, NULL) ||
        vips_cast_float(grey, &flat, NULL))
        vips_error_exit(NULL);
    *width = flat->Xsize;
    *height = flat->Ysize;
    return vips_image_write_to_memory(flat, &n);
}

/* Wang, Bovik, Sheikh, Simoncelli: "Image quality assessment" (2004), on blocks that overlap by half. */
static int compare(const char *one, const char *other) {
    int width, height, other_width, other_height;
    float *a = brightness(one, &width, &height),
          *b = brightness(other, &other_width, &other_height);
    if (width != other_width || height != other_height) return 1;
    double sum = 0, count = 0;
    for (int y = 0; y + 8 <= height; y += 4)
        for (int x = 0; x + 8 <= width; x += 4) {
            double ma = 0, mb = 0, aa = 0, bb = 0, ab = 0;
            for (int i = 0; i < 64; i++) {
                size_t at = (size_t)(y + i / 8) * (size_t)width + (size_t)(x + i % 8);
                double va = (double)a[at], vb = (double)b[at];
                ma += va / 64;
                mb += vb / 64;
                aa += va * va / 64;
                bb += vb * vb / 64;
                ab += va * vb / 64;
            }
            aa -= ma * ma;
            bb -= mb * mb;
            ab -= ma * mb;
            sum += (2 * ma * mb + 6.5025) * (2 * ab + 58.5225) /
                   ((ma * ma + mb * mb + 6.5025) * (aa + bb + 58.5225));
            count++;
        }
    printf("%.4f\n", sum / count);
    return 0;
}

static int time_it(char **command) {
    struct timespec begun, ended;
    struct rusage usage;
    int status;
    clock_gettime(CLOCK_MONOTONIC, &begun);
    pid_t pid = fork();
    if (pid == 0) {
        execvp(command[0], command);
        _exit(127);
    }
    if (pid < 0 || waitpid(pid, &status, 0) < 0) return 1;
    clock_gettime(CLOCK_MONOTONIC, &ended);
    getrusage(RUSAGE_CHILDREN, &usage);
    double cpu = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                 (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
    printf("%.3f %.3f %ld\n",
           (double)(ended.tv_sec - begun.tv_sec) + (double)(ended.tv_nsec - begun.tv_nsec) / 1e9,
           cpu, usage.ru_maxrss / 1024);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

int main(int argc, char **argv) {
    if (argc == 5 && !strcmp(argv[1], "make"))
        return vips_init(argv[0]) ||
               make(argv[2], (int)strtol(argv[3], NULL, 10), (int)strtol(argv[4], NULL, 10));
    if (argc == 4 && !strcmp(argv[1], "compare"))
        return vips_init(argv[0]) || compare(argv[2], argv[3]);
    if (argc > 2 && !strcmp(argv[1], "time")) return time_it(argv + 2);
    fprintf(stderr, "see the top of bench/media.c\n");
    return 2;
}
