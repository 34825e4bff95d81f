// Members that PyQt6 6.4 cannot express. Built by run_qt.py into build/oracle/ and called with ctypes.
//  - QWebSocketServer::supportedVersions() makes PyQt6 raise a TypeError.
//  - PyQt6's str -> QString conversion drops a leading U+FEFF before sendTextMessage() sees it.
#include <QString>
#include <QWebSocket>
#include <QWebSocketProtocol>
#include <QWebSocketServer>

extern "C" int shim_supportedVersions(void *server, int *out, int room)
{
    const auto versions = static_cast<QWebSocketServer *>(server)->supportedVersions();
    int n = 0;
    for (auto v : versions) {
        if (n < room)
            out[n++] = int(v);
    }
    return n;
}

extern "C" long long shim_sendTextMessage(void *socket, const char16_t *text, long long length)
{
    return static_cast<QWebSocket *>(socket)->sendTextMessage(
        QString(reinterpret_cast<const QChar *>(text), qsizetype(length)));
}
