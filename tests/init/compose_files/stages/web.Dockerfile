# syntax=docker/dockerfile:1
FROM node:20 AS build
RUN npm ci
FROM nginx:1.27-alpine as runtime
COPY --from=build /dist /usr/share/nginx/html
FROM runtime
