// ws as a program uses it that works with text: it reads and sends strings.
process.argv[3] = 'strings';
await import('./ws.mjs');
