#!/usr/bin/python3
"""cri.py SOCKET METHOD [REQUEST [TIMES]]: one call of the Container Runtime Interface, as a kubelet makes it.

The request and the answer are JSON, in the field names of the protocol. The module made from cri.proto is found
through PYTHONPATH. Exit status 1 and the server's text on stderr if the call fails. With TIMES the call is made so
often, ten at a time, and each answer is a line.
"""
import concurrent.futures
import sys

import grpc
from google.protobuf import json_format
import cri_pb2 as cri

METHODS = {
    "Version": (cri.VersionRequest, cri.VersionResponse),
    "Status": (cri.Empty, cri.StatusResponse),
    "RunPodSandbox": (cri.RunPodSandboxRequest, cri.SandboxID),
    "PodSandboxStatus": (cri.SandboxID, cri.PodSandboxStatusResponse),
    "ListPodSandbox": (cri.Empty, cri.ListPodSandboxResponse),
    "StopPodSandbox": (cri.SandboxID, cri.Empty),
    "RemovePodSandbox": (cri.SandboxID, cri.Empty),
    "CreateContainer": (cri.CreateContainerRequest, cri.ContainerID),
    "StartContainer": (cri.ContainerID, cri.Empty),
    "StopContainer": (cri.StopContainerRequest, cri.Empty),
    "RemoveContainer": (cri.ContainerID, cri.Empty),
    "ContainerStatus": (cri.ContainerStatusRequest, cri.ContainerStatusResponse),
    "UpdateContainerResources": (cri.UpdateContainerResourcesRequest, cri.Empty),
    "CheckpointContainer": (cri.CheckpointContainerRequest, cri.Empty),
    "ExecSync": (cri.ExecSyncRequest, cri.ExecSyncResponse),
}


def main(socket, method, request="{}", times=None):
    asks, answers = METHODS[method]
    call = grpc.insecure_channel("unix://" + socket).unary_unary(
        "/runtime.v1.RuntimeService/" + method,
        request_serializer=asks.SerializeToString,
        response_deserializer=answers.FromString,
    )
    try:
        if times:
            message = json_format.Parse(request, asks())
            with concurrent.futures.ThreadPoolExecutor(10) as many:
                for answer in many.map(lambda _: call(message, timeout=180), range(int(times))):
                    print(answer.exit_code, answer.stdout)
            return
        answer = call(json_format.Parse(request, asks()), timeout=180)
    except grpc.RpcError as error:
        sys.exit(error.details())
    if method == "ExecSync":
        # Its output is bytes, which JSON would spell in base 64.
        sys.stdout.buffer.write(answer.stdout)
        sys.stderr.buffer.write(answer.stderr)
        sys.exit(answer.exit_code)
    print(json_format.MessageToJson(
        answer, preserving_proto_field_name=True, including_default_value_fields=True, indent=None))


main(*sys.argv[1:])
