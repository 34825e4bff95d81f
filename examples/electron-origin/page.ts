/** The page of the application; it may talk to `serverUrl` and to nothing else. */
export function page(serverUrl: string): Response {
  const policy =
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; " +
    `connect-src ${serverUrl}; base-uri 'none'; form-action 'none'`;
  const headers = { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': policy };
  return new Response(html(serverUrl), { headers });
}

function html(serverUrl: string): string {
  return `<!doctype html>
<title>Electron Origin</title>
<p id="answer">Connecting …</p>
<script>
  const answer = document.querySelector('#answer');
  const socket = new WebSocket(${JSON.stringify(serverUrl)});
  socket.onopen = () => socket.send('Hello, main process!');
  socket.onmessage = ({ data }) => (answer.textContent = data);
  socket.onclose = ({ code }) => (answer.textContent = 'Closed: ' + code);
</script>
`;
}
