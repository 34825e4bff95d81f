// The other end of what is measured: a client of many connections, or a server for many clients.
//
// It shares a machine of few cores with what it drives, so it does as little as it can: frames come
// ready-made and are sent from where they lie, and of what comes in only headers are looked at.
//
// support/load.mjs writes commands to standard input, a line each, which may say that so many bytes follow;
// each is answered with a line on standard output. A command is for the connections of the last
// "connect".
//
//   connect PORT COUNT AT_ONCE SIZE    opens COUNT connections with a request of SIZE bytes
//   probe SIZE                         sends SIZE bytes on one connection; answers with the reply in hex
//   echo IN_FLIGHT LIMIT SIZE          keeps IN_FLIGHT of the frames in SIZE bytes under way on
//                                      each connection; LIMIT > 0: ends, and answers, after so many
//   broadcast SIZE                     sends the frames on one connection again and again, whenever
//                                      all connections have received all of them
//   listen DIRECTION SIZE              is a server that answers each message with one of the frames
//                                      (echo), none (send), or sends them on and on (receive)
//   usage                              answers with CPU time in microseconds, messages, bytes, and,
//                                      if one message is in flight, the median and 99th percentile
//                                      of the round trips since the last "usage" in nanoseconds
//
// A server writes "key INDEX KEY" for each client, and wants "accept INDEX SIZE" with the response.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MAX_CONNECTIONS = 1 << 16, MAX_EVENTS = 512, MAX_HEAD = 4096, BACKLOG = 511 };
enum { LISTENER = -1, COMMANDS = -2 };

// Round trips that are remembered between two questions.
enum { MAX_TIMES = 1 << 22 };

// The rest of a payload that is at least so long is dropped by the kernel, without a copy.
enum { WORTH_DROPPING = 64 * 1024 };

typedef enum { IDLE, PROBE, ECHO, BROADCAST, PUSH } Mode;
typedef enum { CONNECTING, HEAD, OPEN } State;

typedef struct {
  int fd;
  State state;
  bool is_blocked;

  char *head;  // what has come of the request or response
  size_t head_length;

  uint8_t header[14];  // what has come of a frame's header
  unsigned header_length;
  uint64_t missing;  // how much of the frame's payload has not come

  size_t next;     // the frame that is sent next
  size_t at;       // where in the frames sending goes on
  size_t owed;     // how many bytes are to be sent from there
  size_t left;     // how many messages may be sent at all
  uint64_t sent_at;
} Connection;

static Connection connections[MAX_CONNECTIONS];
static size_t first, end;  // those of the last "connect"
static size_t unopened, unbegun;

static char *request;
static size_t request_length;
static struct sockaddr_in address;
static int poller, listener = -1;

static Mode mode = IDLE;
static uint8_t *frames;  // twice behind each other, so that any stretch of them is in one piece
static size_t frames_length;
static size_t *sizes;
static size_t frame_count;

static uint64_t messages, bytes, wanted;  // "wanted": when so many have come, something happens
static bool is_timed;
static uint32_t *times;
static size_t time_count;

static uint8_t inbox[256 * 1024];
static uint8_t *reply;
static size_t reply_length;

static void fail(const char *format, ...) {
  va_list values;
  va_start(values, format);
  vfprintf(stderr, format, values);
  va_end(values);
  fputc('\n', stderr);
  exit(1);
}

static void *allocated(void *memory, size_t size) {
  memory = realloc(memory, size == 0 ? 1 : size);
  if (memory == NULL) fail("There is no memory left.");
  return memory;
}

static void say(const char *format, ...) {
  va_list values;
  va_start(values, format);
  vprintf(format, values);
  va_end(values);
  putchar('\n');
  fflush(stdout);
}

static uint64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

// The "index" is that of a connection, LISTENER, or COMMANDS.
static void watch(int operation, int fd, uint32_t events, int64_t index) {
  struct epoll_event event = {.events = events, .data.u64 = (uint64_t)index};
  if (epoll_ctl(poller, operation, fd, &event) != 0) fail("epoll_ctl: %s", strerror(errno));
}

static void set_blocked(Connection *connection, bool is_blocked) {
  if (connection->is_blocked == is_blocked) return;
  connection->is_blocked = is_blocked;
  uint32_t events = is_blocked ? EPOLLIN | EPOLLOUT : EPOLLIN;
  watch(EPOLL_CTL_MOD, connection->fd, events, connection - connections);
}

// The length of a frame's header, as far as its first bytes tell (RFC 6455 section 5.2).
static unsigned header_size(const uint8_t *header, unsigned length) {
  if (length < 2) return 2;
  unsigned short_length = header[1] & 0x7f;
  unsigned extension = short_length < 126 ? 0 : short_length == 126 ? 2 : 8;
  return 2 + extension + (header[1] & 0x80 ? 4 : 0);
}

static uint64_t payload_size(const uint8_t *header) {
  unsigned short_length = header[1] & 0x7f;
  if (short_length < 126) return short_length;
  uint64_t length = 0;
  for (unsigned i = 0; i < (short_length == 126 ? 2 : 8); i++) length = length << 8 | header[2 + i];
  return length;
}

// Goes through what a connection has received, and returns how many messages have ended in it.
static size_t count_messages(Connection *connection, const uint8_t *chunk, size_t length) {
  size_t count = 0;
  for (size_t at = 0; at < length;) {
    if (connection->missing == 0) {
      uint8_t *header = connection->header;
      header[connection->header_length++] = chunk[at++];
      if (connection->header_length < header_size(header, connection->header_length)) continue;
      connection->missing = payload_size(header);
      connection->header_length = 0;
    } else {
      size_t left = length - at;
      size_t step = connection->missing < left ? connection->missing : left;
      connection->missing -= step;
      at += step;
    }
    bool is_final = (connection->header[0] & 0x80) != 0;
    if (is_final && connection->missing == 0) count++;
  }
  return count;
}

static void read_bytes(uint8_t *to, size_t length) {
  while (length > 0) {
    ssize_t count = read(STDIN_FILENO, to, length);
    if (count <= 0) exit(0);
    to += count;
    length -= (size_t)count;
  }
}

// Takes the frames that are sent from now on.
static void read_frames(size_t length) {
  frames = allocated(frames, 2 * length);
  read_bytes(frames, length);
  memcpy(frames + length, frames, length);
  frames_length = length;
  frame_count = 0;
  for (size_t at = 0; at < length;) {
    size_t size = header_size(frames + at, 2) + payload_size(frames + at);
    sizes = allocated(sizes, (frame_count + 1) * sizeof *sizes);
    sizes[frame_count++] = size;
    at += size;
  }
}

static void flush(Connection *connection) {
  while (connection->owed > 0) {
    ssize_t count = send(connection->fd, frames + connection->at, connection->owed, 0);
    if (count < 0) {
      if (errno != EAGAIN) return;  // what is wrong shows when it is read from
      set_blocked(connection, true);
      return;
    }
    connection->owed -= (size_t)count;
    connection->at = (connection->at + (size_t)count) % frames_length;
    // Others have their turn before this one goes on.
    if (connection->owed == 0 && mode == PUSH) {
      connection->owed = frames_length;
      set_blocked(connection, true);
      return;
    }
  }
  set_blocked(connection, false);
}

static void send_messages(Connection *connection, size_t count) {
  if (count > connection->left) count = connection->left;
  connection->left -= count;
  for (; count > 0; count--) {
    connection->owed += sizes[connection->next];
    connection->next = (connection->next + 1) % frame_count;
  }
  connection->sent_at = now();
  flush(connection);
}

// Sends a few bytes, which the system takes at once.
static void send_all(Connection *connection, const void *content, size_t length) {
  if (send(connection->fd, content, length, 0) != (ssize_t)length) {
    fail("A connection does not take %zu bytes: %s.", length, strerror(errno));
  }
}

static void start(Mode next, size_t limit) {
  mode = next;
  messages = bytes = 0;
  time_count = 0;
  for (size_t i = first; i < end; i++) {
    connections[i].next = connections[i].at = connections[i].owed = 0;
    connections[i].left = limit == 0 ? SIZE_MAX : limit;
  }
}

static void open_next(void);

static void on_messages(Connection *connection, size_t count) {
  messages += count;
  switch (mode) {
    case ECHO:
      send_messages(connection, count);
      if (messages == wanted) say("done");
      break;
    case BROADCAST:
      if (messages < wanted) break;
      wanted += (end - first) * frame_count;
      send_messages(&connections[first], frame_count);
      break;
    case PROBE:
      mode = IDLE;
      printf("reply ");
      for (size_t i = 0; i < reply_length; i++) printf("%02x", reply[i]);
      say("");
      break;
    case IDLE:
    case PUSH:
      break;
  }
}

static void on_opened(Connection *connection) {
  free(connection->head);
  connection->head = NULL;
  connection->state = OPEN;
  if (listener >= 0) return;
  unopened--;
  open_next();
  if (unopened == 0) say("open");
}

// Takes what has come of a head; the other end says no more before it is answered.
static void on_head(Connection *connection, const uint8_t *chunk, size_t length) {
  if (connection->head == NULL) connection->head = allocated(NULL, MAX_HEAD);
  if (connection->head_length + length >= MAX_HEAD) fail("A head is too long.");
  memcpy(connection->head + connection->head_length, chunk, length);
  connection->head_length += length;
  connection->head[connection->head_length] = 0;
  if (strstr(connection->head, "\r\n\r\n") == NULL) return;

  if (listener >= 0) {
    char *key = strcasestr(connection->head, "\r\nsec-websocket-key:");
    char value[64] = "none";
    if (key != NULL) sscanf(key + 20, " %63s", value);
    say("key %zd %s", connection - connections, value);
    return;
  }
  if (strncmp(connection->head, "HTTP/1.1 101 ", 13) != 0) {
    fail("The server does not switch protocols: %s", connection->head);
  }
  on_opened(connection);
}

static void on_readable(Connection *connection) {
  bool may_drop = connection->missing >= WORTH_DROPPING && mode != PROBE;
  size_t room = may_drop ? connection->missing : sizeof inbox;
  ssize_t count = recv(connection->fd, inbox, room, may_drop ? MSG_TRUNC : 0);
  if (count < 0 && errno == EAGAIN) return;
  if (count <= 0) {
    if (listener < 0) fail("A connection has been closed by the other end.");
    close(connection->fd);
    return;
  }
  if (connection->state == HEAD) {
    on_head(connection, inbox, (size_t)count);
    return;
  }
  bytes += (uint64_t)count;
  if (mode == PROBE && connection == &connections[first]) {
    reply = allocated(reply, reply_length + (size_t)count);
    memcpy(reply + reply_length, inbox, (size_t)count);
    reply_length += (size_t)count;
  }
  size_t ended = count_messages(connection, inbox, (size_t)count);
  if (ended == 0) return;
  if (is_timed && time_count < MAX_TIMES) {
    times[time_count++] = (uint32_t)(now() - connection->sent_at);
  }
  if (mode == PROBE && connection != &connections[first]) return;
  on_messages(connection, ended);
}

static void on_writable(Connection *connection) {
  if (connection->state == CONNECTING) {
    connection->state = HEAD;
    set_blocked(connection, false);
    send_all(connection, request, request_length);
    return;
  }
  flush(connection);
}

static void add_connection(int fd, State state) {
  if (end == MAX_CONNECTIONS) fail("There are more than %d connections.", MAX_CONNECTIONS);
  int yes = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  Connection *connection = &connections[end++];
  bool is_blocked = state == CONNECTING;
  *connection = (Connection){fd, state, is_blocked, .left = SIZE_MAX};
  watch(EPOLL_CTL_ADD, fd, is_blocked ? EPOLLIN | EPOLLOUT : EPOLLIN, connection - connections);
}

static void open_next(void) {
  if (unbegun == 0) return;
  unbegun--;
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (fd < 0) fail("socket: %s (see ulimit -n)", strerror(errno));
  if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0 && errno != EINPROGRESS) {
    fail("connect: %s", strerror(errno));
  }
  add_connection(fd, CONNECTING);
}

static void on_connection(void) {
  int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
  if (fd >= 0) add_connection(fd, HEAD);
}

static void do_connect(size_t port, size_t count, size_t at_once, size_t size) {
  request = allocated(request, size);
  read_bytes((uint8_t *)request, request_length = size);
  address.sin_port = htons((uint16_t)port);
  mode = IDLE;
  first = end;
  unopened = unbegun = count;
  for (size_t i = 0; i < at_once; i++) open_next();
}

static void do_probe(size_t size) {
  read_frames(size);
  start(PROBE, 0);
  reply_length = 0;
  send_messages(&connections[first], 1);
}

static void do_echo(size_t in_flight, size_t limit, size_t size) {
  read_frames(size);
  start(ECHO, limit);
  is_timed = in_flight == 1;
  wanted = limit * (end - first);
  for (size_t i = first; i < end; i++) send_messages(&connections[i], in_flight);
  if (limit == 0) say("started");
}

static void do_broadcast(size_t size) {
  read_frames(size);
  start(BROADCAST, 0);
  wanted = (end - first) * frame_count;
  send_messages(&connections[first], frame_count);
  say("started");
}

static void do_listen(const char *direction, size_t size) {
  read_frames(size);
  mode = strcmp(direction, "echo") == 0 ? ECHO : strcmp(direction, "send") == 0 ? IDLE : PUSH;
  listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  address.sin_port = 0;
  socklen_t length = sizeof address;
  if (bind(listener, (struct sockaddr *)&address, length) != 0 || listen(listener, BACKLOG) != 0) {
    fail("listen: %s", strerror(errno));
  }
  getsockname(listener, (struct sockaddr *)&address, &length);
  watch(EPOLL_CTL_ADD, listener, EPOLLIN, LISTENER);
  say("port %d", ntohs(address.sin_port));
}

static void do_accept(size_t index, size_t size) {
  char response[MAX_HEAD];
  if (index >= end || size > sizeof response) fail("There is no such connection.");
  read_bytes((uint8_t *)response, size);
  Connection *connection = &connections[index];
  send_all(connection, response, size);
  on_opened(connection);
  if (mode != PUSH) return;
  connection->owed = frames_length;
  flush(connection);
}

static int compare_times(const void *a, const void *b) {
  uint32_t left = *(const uint32_t *)a;
  uint32_t right = *(const uint32_t *)b;
  return (left > right) - (left < right);
}

static void do_usage(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  uint64_t seconds = (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec);
  uint64_t cpu = seconds * 1000000u + (uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
  qsort(times, time_count, sizeof *times, compare_times);
  uint32_t p50 = time_count == 0 ? 0 : times[time_count / 2];
  uint32_t p99 = time_count == 0 ? 0 : times[time_count * 99 / 100];
  time_count = 0;
  say("usage %lu %lu %lu %u %u", cpu, messages, bytes, p50, p99);
}

static void on_command(void) {
  char line[128];
  size_t length = 0;
  do {
    if (length == sizeof line - 1) fail("A command is too long.");
    read_bytes((uint8_t *)&line[length], 1);
  } while (line[length++] != '\n');
  line[length] = 0;

  char direction[16];
  size_t a, b, c, d;
  if (sscanf(line, "connect %zu %zu %zu %zu", &a, &b, &c, &d) == 4) do_connect(a, b, c, d);
  else if (sscanf(line, "probe %zu", &a) == 1) do_probe(a);
  else if (sscanf(line, "echo %zu %zu %zu", &a, &b, &c) == 3) do_echo(a, b, c);
  else if (sscanf(line, "broadcast %zu", &a) == 1) do_broadcast(a);
  else if (sscanf(line, "listen %15s %zu", direction, &a) == 2) do_listen(direction, a);
  else if (sscanf(line, "accept %zu %zu", &a, &b) == 2) do_accept(a, b);
  else if (strcmp(line, "usage\n") == 0) do_usage();
  else fail("Unknown command: %s", line);
}

int main(void) {
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  signal(SIGPIPE, SIG_IGN);

  times = allocated(NULL, MAX_TIMES * sizeof *times);
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  poller = epoll_create1(0);
  watch(EPOLL_CTL_ADD, STDIN_FILENO, EPOLLIN, COMMANDS);

  struct epoll_event events[MAX_EVENTS];
  for (;;) {
    int count = epoll_wait(poller, events, MAX_EVENTS, -1);
    for (int i = 0; i < count; i++) {
      int64_t index = (int64_t)events[i].data.u64;
      if (index == LISTENER) on_connection();
      else if (index == COMMANDS) on_command();
      else {
        if (events[i].events & EPOLLOUT) on_writable(&connections[index]);
        if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) on_readable(&connections[index]);
      }
    }
  }
}
