// floor: the least that a remapper can cost, as the reference that none can beat by much. One read() for a batch of events,
// one write() for what it becomes, no allocation, no configuration: everything passes, CapsLock -> Esc, Super-C -> Ctrl-C.
//
//   floor      takes the first keyboard, or the node in $KBDBENCH_DEV
//
// It ends when its keyboard is pulled, and does not notice lost events: it is a measure, not an example.
#include <errno.h>
#include <fcntl.h>
#include <linux/input.h>
#include <linux/uinput.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static struct input_event out[1024];
static int used;

static void emit(int type, int code, int value) {
	out[used++] = (struct input_event){.type = type, .code = code, .value = value};
}

static void key(int code, int value) { emit(EV_KEY, code, value); }

static int super;   // Super is down
static int swapped; // on the output Ctrl stands in for it

static void swap_modifier(int from, int to) {
	key(from, 0);
	key(to, 1);
	emit(EV_SYN, SYN_REPORT, 0);
	swapped = to == KEY_LEFTCTRL;
}

static void map(const struct input_event *e) {
	if (e->type == EV_MSC)
		return;
	if (e->type != EV_KEY) {
		emit(e->type, e->code, e->value);
		return;
	}
	switch (e->code) {
	case KEY_CAPSLOCK:
		key(KEY_ESC, e->value);
		return;
	case KEY_LEFTMETA:
		super = e->value != 0;
		key(swapped ? KEY_LEFTCTRL : KEY_LEFTMETA, e->value);
		swapped = swapped && super;
		return;
	case KEY_C:
		if (e->value == 1 && super && !swapped)
			swap_modifier(KEY_LEFTMETA, KEY_LEFTCTRL);
		break;
	default:
		if (e->value == 1 && swapped)
			swap_modifier(KEY_LEFTCTRL, KEY_LEFTMETA);
	}
	key(e->code, e->value);
}

static int find_keyboard(void) {
	const char *wanted = getenv("KBDBENCH_DEV");
	for (int i = 0; i < 64; i++) {
		char path[64];
		unsigned char keys[KEY_MAX / 8 + 1] = {0};
		snprintf(path, sizeof path, "/dev/input/event%d", i);
		int fd = open(path, O_RDONLY);
		if (fd < 0)
			continue;
		ioctl(fd, EVIOCGBIT(EV_KEY, sizeof keys), keys);
		if ((keys[KEY_A / 8] >> (KEY_A % 8) & 1) && (!wanted || !strcmp(wanted, path)))
			return fd;
		close(fd);
	}
	return -1;
}

int main(void) {
	int in = find_keyboard();
	if (in < 0) {
		fprintf(stderr, "floor: no keyboard\n");
		return 1;
	}
	int ui = open("/dev/uinput", O_WRONLY);
	ioctl(ui, UI_SET_EVBIT, EV_KEY);
	for (int i = 1; i < 249; i++)
		ioctl(ui, UI_SET_KEYBIT, i);
#ifdef LIGHTS // with them it notices what a desktop sets, as toshy does; the kernel takes its time to make and remove each
	ioctl(ui, UI_SET_EVBIT, EV_LED);
	for (int i = LED_NUML; i <= LED_SCROLLL; i++)
		ioctl(ui, UI_SET_LEDBIT, i);
#endif
	ioctl(ui, UI_SET_PHYS, "floor/virtual-keyboard");
	struct uinput_setup setup = {.id = {BUS_VIRTUAL, 0x1209, 0xf1, 1}, .name = "floor keyboard"};
	if (ioctl(ui, UI_DEV_SETUP, &setup) || ioctl(ui, UI_DEV_CREATE)) {
		perror("floor: /dev/uinput");
		return 1;
	}
	if (ioctl(in, EVIOCGRAB, 1)) {
		perror("floor: EVIOCGRAB");
		return 1;
	}
	struct input_event batch[64];
	ssize_t n;
	while ((n = read(in, batch, sizeof batch)) > 0) {
		used = 0;
		for (int i = 0; i < (int)(n / (ssize_t)sizeof *batch); i++)
			map(batch + i);
		if (used && write(ui, out, used * sizeof *out) < 0)
			return 1;
	}
	return n < 0 && errno == ENODEV ? 0 : 1;
}
