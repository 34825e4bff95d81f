/** Has nginx run the `nginx.conf` in `directory`, in the foreground, and say on its standard error what goes wrong. */
export function nginxOptions(directory: string): string[] {
  const pid = `daemon off; pid ${directory}/nginx.pid;`;
  return ['-p', directory, '-c', 'nginx.conf', '-e', 'stderr', '-g', pid];
}
