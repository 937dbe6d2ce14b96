// SPDX-License-Identifier: BSD-2-Clause
/*
 * From an address to a device's register functions.
 */
#include "bus.h"

void bus_add(struct bus *b, struct bus_dev d)
{
	if (b->nr == BUS_MAX)
		die("too many devices");
	b->devs[b->nr++] = d;
}

static const struct bus_dev *bus_find(const struct bus *b, u64 gpa, u32 len)
{
	const struct bus_dev *d;
	unsigned int i;

	for (i = 0; i < b->nr; i++) {
		d = &b->devs[i];
		if (gpa >= d->base && gpa - d->base < d->size &&
		    len <= d->size - (gpa - d->base))
			return d;
	}
	return NULL;
}

u64 bus_read(const struct bus *b, u64 gpa, u32 len)
{
	const struct bus_dev *d = bus_find(b, gpa, len);

	return d ? d->read(d->dev, gpa - d->base, len) : 0;
}

void bus_write(const struct bus *b, u64 gpa, u32 len, u64 val)
{
	const struct bus_dev *d = bus_find(b, gpa, len);

	if (d)
		d->write(d->dev, gpa - d->base, len, val);
}
