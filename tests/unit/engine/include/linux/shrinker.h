/* SPDX-License-Identifier: GPL-2.0-only */
/* shrinker.h: userspace stand-in for tests of the mapping engine. */
#ifndef UNIT_ENGINE_SHRINKER_H
#define UNIT_ENGINE_SHRINKER_H

struct shrink_control {
	unsigned long nr_to_scan;
};

struct shrinker {
	unsigned long (*count_objects)(struct shrinker *s, struct shrink_control *sc);
	unsigned long (*scan_objects)(struct shrinker *s, struct shrink_control *sc);
};

#define SHRINK_STOP (~0UL)
#define SHRINK_EMPTY (~0UL - 1)

/* The one shrinker that was registered, for the test to call. */
extern struct shrinker *unit_shrinker;

struct shrinker *shrinker_alloc(unsigned int flags, const char *fmt, ...);
void shrinker_register(struct shrinker *shrinker);
void shrinker_free(struct shrinker *shrinker);

#endif
