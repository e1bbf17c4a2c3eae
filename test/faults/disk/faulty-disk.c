/*
 * Stands before the C library for files below FAULTY_DISK_FOLDER. The file FAULTY_DISK_MODE holds one word: "full", "read-only",
 * "broken" (nothing reaches the disk), "slow-N" (N milliseconds for each sync); anything else is a healthy disk.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int reads_mode(char *mode, size_t size) {
  const char *name = getenv("FAULTY_DISK_MODE");
  int fd = name ? (int)syscall(SYS_openat, AT_FDCWD, name, O_RDONLY) : -1;
  if (fd < 0) return 0;
  long length = syscall(SYS_read, fd, mode, size - 1);
  syscall(SYS_close, fd);
  mode[length > 0 ? length : 0] = 0;
  return length > 0;
}

static int is_ours(int fd) {
  const char *folder = getenv("FAULTY_DISK_FOLDER");
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  long length = readlink(link, path, sizeof path - 1);
  if (!folder || length <= 0) return 0;
  path[length] = 0;
  return strncmp(path, folder, strlen(folder)) == 0;
}

/* 0, or the error that a write to this file has now. */
static int write_fault(int fd) {
  char mode[32];
  if (!is_ours(fd) || !reads_mode(mode, sizeof mode)) return 0;
  if (strcmp(mode, "full") == 0) return ENOSPC;
  return strcmp(mode, "read-only") == 0 ? EROFS : 0;
}

/* 0, or the error that a sync of this file has now; takes its time where the disk is slow. */
static int sync_fault(int fd) {
  char mode[32];
  if (!is_ours(fd) || !reads_mode(mode, sizeof mode)) return 0;
  if (strncmp(mode, "slow-", 5) == 0) usleep(1000 * (useconds_t)atoi(mode + 5));
  return strcmp(mode, "broken") == 0 ? EIO : 0;
}

#define GUARD(fault)  \
  do {                \
    int code = fault; \
    if (code) {       \
      errno = code;   \
      return -1;      \
    }                 \
  } while (0)
#define NEXT(type, name) ((type)dlsym(RTLD_NEXT, name))

ssize_t write(int fd, const void *bytes, size_t count) {
  GUARD(fd > 2 ? write_fault(fd) : 0);
  return NEXT(ssize_t(*)(int, const void *, size_t), "write")(fd, bytes, count);
}
ssize_t pwrite(int fd, const void *bytes, size_t count, off_t at) {
  GUARD(write_fault(fd));
  return NEXT(ssize_t(*)(int, const void *, size_t, off_t), "pwrite")(fd, bytes, count, at);
}
ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t at) {
  GUARD(write_fault(fd));
  return NEXT(ssize_t(*)(int, const void *, size_t, off64_t), "pwrite64")(fd, bytes, count, at);
}
int ftruncate(int fd, off_t length) {
  GUARD(write_fault(fd));
  return NEXT(int (*)(int, off_t), "ftruncate")(fd, length);
}
int ftruncate64(int fd, off64_t length) {
  GUARD(write_fault(fd));
  return NEXT(int (*)(int, off64_t), "ftruncate64")(fd, length);
}
int fsync(int fd) {
  GUARD(sync_fault(fd));
  return NEXT(int (*)(int), "fsync")(fd);
}
int fdatasync(int fd) {
  GUARD(sync_fault(fd));
  return NEXT(int (*)(int), "fdatasync")(fd);
}
