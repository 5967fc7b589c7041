#ifndef STACKJOB_CSPAWN_H
#define STACKJOB_CSPAWN_H

#include <sys/types.h>

/// What the parent has of a child. The three descriptors are the caller's to close.
struct stackjob_child {
  pid_t pid;
  /// The reading ends of its standard output and error.
  int output;
  int error;
  /// A descriptor that becomes readable when the child has ended.
  int ended;
};

/// Starts a program in a session of its own, which the kernel kills when the calling thread ends.
///
/// Its standard input is empty, all signals are at their defaults, and its working directory is
/// `folder`.
///
/// @return 0, or an error number; a program that cannot be executed is one too.
int stackjob_spawn(const char *path, char *const argv[], char *const envp[], const char *folder,
                   struct stackjob_child *child);

/// Starts a program in a session of its own that goes on when the caller dies.
///
/// Its standard input is a copy of `input`, or empty where that is negative. Its standard output and error are appended
/// to the two files; signals, descriptors and `folder` are as above. It is a child that the caller reaps.
///
/// @return 0, or an error number.
int stackjob_spawn_apart(const char *path, char *const argv[], char *const envp[], const char *folder, int input,
                         const char *output, const char *error, pid_t *pid);

/// Makes two sockets that are connected to each other and keep messages apart.
///
/// @return 0, or an error number.
int stackjob_pair(int ends[2]);

/// Sends one message, and a descriptor with it unless `passed` is negative. A reader that is gone is no signal.
///
/// @return 0, or an error number; EMSGSIZE for a message that is too long.
int stackjob_send(int socket, const void *bytes, size_t count, int passed);

/// Receives one message, and the descriptor that came with it, or -1.
///
/// @return the length of the message, 0 at the end, or a negative error number.
ssize_t stackjob_receive(int socket, void *bytes, size_t count, int *passed);

/// Has a process of its own read on from a writer's standard output and error when the caller dies.
///
/// A program that writes to a pipe without a reader is killed by SIGPIPE, with all that it holds in memory. Both
/// must be pipes. The guard reads nothing while the caller lives, and ends with the writer.
///
/// @return a descriptor to release the guard by, or a negative error number.
int stackjob_guard(pid_t writer);

/// Ends a guard that is not needed any more.
void stackjob_guard_release(int guard);

#endif
