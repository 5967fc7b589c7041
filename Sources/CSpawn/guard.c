#define _GNU_SOURCE
#include "CSpawn.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/// Closes all descriptors from 3 on but three, which are moved to 3, 4 and 5 first.
static void keep_alone(int lifeline, int output, int error) {
  int wanted[3] = {lifeline, output, error};
  int copies[3];
  for (int i = 0; i < 3; i++) copies[i] = fcntl(wanted[i], F_DUPFD_CLOEXEC, 10);
  for (int i = 0; i < 3; i++) dup2(copies[i], 3 + i);
  if (syscall(SYS_close_range, 6U, ~0U, 0U) == 0) return;
  long last = sysconf(_SC_OPEN_MAX);
  if (last < 0 || last > 65536) last = 65536;
  for (long number = 6; number < last; number++) close((int)number);
}

/// Reads what nobody else reads any more, until the writer has ended.
static void drain(struct pollfd *ends, int count) {
  char bytes[65536];
  int open = count;
  while (open > 0) {
    if (poll(ends, (nfds_t)count, -1) < 0 && errno != EINTR) return;
    for (int i = 0; i < count; i++) {
      if (ends[i].fd < 0 || ends[i].revents == 0) continue;
      ssize_t got = read(ends[i].fd, bytes, sizeof bytes);
      if (got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR))) continue;
      close(ends[i].fd);
      ends[i].fd = -1;
      open--;
    }
  }
}

/// The life of a guard. It is a copy of a process with many threads, so it calls nothing but the system.
static void stand_guard(int lifeline, int output, int error) {
  setsid();
  struct sigaction standard = {.sa_handler = SIG_DFL};
  for (int number = 1; number < NSIG; number++) sigaction(number, &standard, NULL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  int nothing = open("/dev/null", O_RDWR);
  for (int i = 0; i < 3; i++) dup2(nothing, i);
  if (chdir("/") != 0) return;
  keep_alone(lifeline, output, error);
  char word;
  ssize_t got;
  while ((got = read(3, &word, 1)) < 0 && errno == EINTR) {}
  // A word means that we are needed no more. Its end without a word means that whoever held it has died.
  if (got != 0) return;
  struct pollfd ends[2] = {{.fd = 4, .events = POLLIN}, {.fd = 5, .events = POLLIN}};
  drain(ends, 2);
}

static int open_end(pid_t writer, int number) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)writer, number);
  return open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
}

int stackjob_guard(pid_t writer) {
  int lifeline[2];
  if (pipe2(lifeline, O_CLOEXEC) != 0) return -errno;
  int output = open_end(writer, 1);
  int error = open_end(writer, 2);
  int code = output < 0 || error < 0 ? errno : 0;
  if (code == 0) {
    pid_t child = fork();
    if (child == 0) {
      // Once more, so that nobody has to wait for the guard itself.
      if (fork() == 0) stand_guard(lifeline[0], output, error);
      _exit(0);
    }
    if (child < 0) {
      code = errno;
    } else {
      while (waitpid(child, NULL, 0) < 0 && errno == EINTR) {}
    }
  }
  if (output >= 0) close(output);
  if (error >= 0) close(error);
  close(lifeline[0]);
  if (code == 0) return lifeline[1];
  close(lifeline[1]);
  return -code;
}

void stackjob_guard_release(int guard) {
  char word = 'x';
  ssize_t written = write(guard, &word, 1);
  (void)written;
  close(guard);
}
