/** A whole configuration of nginx around what stands in its `http`, for `startLoadBalancer`: the folders are those that nobody has to be root for. */
export function nginxConfiguration(http: string): string {
  return `
events {}
http {
access_log off;
client_body_temp_path body;
proxy_temp_path proxied;
fastcgi_temp_path fastcgi;
uwsgi_temp_path uwsgi;
scgi_temp_path scgi;
${http}
}
`
}
