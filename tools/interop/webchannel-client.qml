import QtQml
import QtWebSockets
import "../../node_modules/qwebchannel/qwebchannel.js" as WebChannel

// Uses the chat of a channel as a page would, and tells what it finds.
QtObject {
    id: root

    property var channel

    property WebSocket socket: WebSocket {
        id: socket

        property var send: text => sendTextMessage(text)
        property var onmessage

        url: host.url
        active: true
        onTextMessageReceived: message => onmessage({ data: message })
        onStatusChanged: {
            if (status === WebSocket.Error) host.fail(errorString)
            if (status === WebSocket.Open) {
                root.channel = new WebChannel.QWebChannel(socket, channel => root.use(channel.objects.chat))
            }
        }
    }

    function tell(what, value) {
        host.tell(what, JSON.stringify(value))
    }

    function use(chat) {
        tell('greeting', chat.greeting)
        tell('Kind', chat.Kind)
        chat.usersHaveChanged.connect(() => {
            tell('users', chat.users)
            chat.say('alice', 'Hello')
        })
        chat.newMessage.connect((name, text) => {
            tell('message', [name, text])
            chat.openRoom('den', room => useRoom(chat, room))
        })
        chat.login('alice', result => tell('login', result))
    }

    function useRoom(chat, room) {
        room.nameChanged.connect(name => {
            tell('room', [name, room.name])
            chat.closeRoom(room)
        })
        room.destroyed.connect(() => host.done())
        room.name = 'kitchen'
    }
}
