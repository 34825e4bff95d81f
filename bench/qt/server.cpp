// The server that the rows of "qt" measure: an echo, or with "broadcast" one that tells everybody.
//
// It answers on standard output what support/target.mjs asks on standard input, as the servers of
// Node do: "usage" and "memory".
#include <QCoreApplication>
#include <QList>
#include <QSocketNotifier>
#include <QWebSocket>
#include <QWebSocketServer>
#include <cstdio>
#include <cstring>
#include <sys/resource.h>
#include <unistd.h>

static long long microseconds(const timeval &time) { return time.tv_sec * 1000000LL + time.tv_usec; }

static void tellUsage()
{
    rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    const auto cpu = microseconds(usage.ru_utime) + microseconds(usage.ru_stime);
    std::printf("{\"cpu\":%lld,\"messages\":0}\n", cpu);
    std::fflush(stdout);
}

static void tellMemory()
{
    rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    long long total = 0;
    long long resident = 0;
    if (FILE *file = std::fopen("/proc/self/statm", "r")) {
        if (std::fscanf(file, "%lld %lld", &total, &resident) != 2)
            resident = 0;
        std::fclose(file);
    }
    // What is allocated holds buffers of 16 KiB a socket that are never touched: it would say 57 KiB
    // a connection where 18 are taken.
    const long long rss = resident * sysconf(_SC_PAGESIZE);
    std::printf("{\"heap\":%lld,\"rss\":%lld,\"peak\":%lld}\n", rss, rss,
                usage.ru_maxrss * 1024LL);
    std::fflush(stdout);
}

int main(int argc, char *argv[])
{
    QCoreApplication application(argc, argv);
    const bool isBroadcast = argc > 1 && std::strcmp(argv[1], "broadcast") == 0;
    QList<QWebSocket *> clients;

    QWebSocketServer server(QStringLiteral("bench"), QWebSocketServer::NonSecureMode);
    QObject::connect(&server, &QWebSocketServer::newConnection, [&] {
        QWebSocket *socket = server.nextPendingConnection();
        QObject::connect(socket, &QWebSocket::disconnected, socket, &QObject::deleteLater);
        if (!isBroadcast) {
            QObject::connect(socket, &QWebSocket::textMessageReceived, socket,
                             &QWebSocket::sendTextMessage);
            QObject::connect(socket, &QWebSocket::binaryMessageReceived, socket,
                             &QWebSocket::sendBinaryMessage);
            return;
        }
        clients.append(socket);
        QObject::connect(socket, &QWebSocket::disconnected, [&clients, socket] {
            clients.removeOne(socket);
        });
        QObject::connect(socket, &QWebSocket::textMessageReceived, [&](const QString &message) {
            for (QWebSocket *client : clients)
                client->sendTextMessage(message);
        });
    });
    if (!server.listen(QHostAddress::LocalHost, 0))
        return 1;
    std::printf("{\"port\":%d}\n", int(server.serverPort()));
    std::fflush(stdout);

    QSocketNotifier questions(STDIN_FILENO, QSocketNotifier::Read);
    QObject::connect(&questions, &QSocketNotifier::activated, [&] {
        char line[64];
        const auto length = read(STDIN_FILENO, line, sizeof line - 1);
        if (length <= 0) {
            application.quit();
            return;
        }
        line[length] = 0;
        if (std::strcmp(line, "usage\n") == 0)
            tellUsage();
        else if (std::strcmp(line, "memory\n") == 0)
            tellMemory();
    });
    return application.exec();
}
