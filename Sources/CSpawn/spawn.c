#define _GNU_SOURCE
#include "CSpawn.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct program {
  const char *path;
  char *const *argv;
  char *const *envp;
  const char *folder;
  /// Standard input, output and error.
  int descriptors[3];
  /// Whether it goes on when we die.
  int outlives;
};

/// What the child does between vfork and exec. It shares the parent's memory until then, so it calls
/// nothing but the system.
///
/// Returns an error number, or not at all.
static int become(const struct program *program, pid_t parent, const sigset_t *none) {
  if (setsid() < 0) return errno;
  if (!program->outlives) {
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return errno;
    // A parent that died before the line above sends no signal any more.
    if (getppid() != parent) return ESRCH;
  }
  struct sigaction standard = {.sa_handler = SIG_DFL};
  for (int number = 1; number < NSIG; number++) sigaction(number, &standard, NULL);
  if (chdir(program->folder) != 0) return errno;
  // First out of the way: one of the three may have the number that another is to have.
  int copies[3];
  for (int i = 0; i < 3; i++) {
    copies[i] = fcntl(program->descriptors[i], F_DUPFD_CLOEXEC, 3);
    if (copies[i] < 0) return errno;
  }
  for (int i = 0; i < 3; i++) {
    if (dup2(copies[i], i) < 0) return errno;
  }
  // A descriptor that somebody opened without O_CLOEXEC is not for a provider. 4 is
  // CLOSE_RANGE_CLOEXEC; older kernels refuse the call, and ours are all marked.
  syscall(SYS_close_range, 3U, ~0U, 4U);
  sigprocmask(SIG_SETMASK, none, NULL);
  execve(program->path, program->argv, program->envp);
  return errno;
}

static void close_all(const int *descriptors, int count) {
  for (int i = 0; i < count; i++) {
    if (descriptors[i] >= 0) close(descriptors[i]);
  }
}

static void reap(pid_t pid) {
  while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) {}
}

/// Starts the program. Returns an error number.
static int launch(const struct program *program, pid_t *child) {
  sigset_t all, none, before;
  sigfillset(&all);
  sigemptyset(&none);
  // No handler of ours may run in the child while it shares our memory.
  pthread_sigmask(SIG_SETMASK, &all, &before);
  volatile int failure = 0;
  pid_t parent = getpid();
  pid_t pid = vfork();
  if (pid == 0) {
    failure = become(program, parent, &none);
    _exit(127);
  }
  int code = errno;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (pid < 0) return code;
  if (failure != 0) {
    reap(pid);
    return failure;
  }
  *child = pid;
  return 0;
}

static int start(const struct program *program, struct stackjob_child *child) {
  pid_t pid = 0;
  int code = launch(program, &pid);
  if (code != 0) return code;
  // Marked close-on-exec by itself.
  child->ended = (int)syscall(SYS_pidfd_open, pid, 0);
  if (child->ended < 0) {
    code = errno;
    kill(-pid, SIGKILL);
    reap(pid);
    return code;
  }
  child->pid = pid;
  return 0;
}

int stackjob_spawn(const char *path, char *const argv[], char *const envp[], const char *folder,
                   struct stackjob_child *child) {
  // Nothing to read, and both ends of two pipes.
  int all[5] = {-1, -1, -1, -1, -1};
  all[0] = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (all[0] < 0 || pipe2(&all[1], O_CLOEXEC) != 0 || pipe2(&all[3], O_CLOEXEC) != 0) {
    int code = errno;
    close_all(all, 5);
    return code;
  }
  struct program program = {path, argv, envp, folder, {all[0], all[2], all[4]}, 0};
  int code = start(&program, child);
  // Our copies of the child's ends would keep the pipes open for ever.
  close_all(program.descriptors, 3);
  child->output = all[1];
  child->error = all[3];
  if (code != 0) {
    close(all[1]);
    close(all[3]);
  }
  return code;
}

int stackjob_spawn_apart(const char *path, char *const argv[], char *const envp[], const char *folder,
                         int input, const char *output, const char *error, pid_t *pid) {
  const int flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC;
  int all[3] = {-1, -1, -1};
  all[0] = input < 0 ? open("/dev/null", O_RDONLY | O_CLOEXEC) : fcntl(input, F_DUPFD_CLOEXEC, 3);
  if (all[0] >= 0) all[1] = open(output, flags, 0600);
  if (all[1] >= 0) all[2] = open(error, flags, 0600);
  int code = errno;
  if (all[2] >= 0) {
    struct program program = {path, argv, envp, folder, {all[0], all[1], all[2]}, 1};
    code = launch(&program, pid);
  }
  close_all(all, 3);
  return code;
}
